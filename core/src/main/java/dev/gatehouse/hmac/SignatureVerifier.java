package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.BodyDigest;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import dev.gatehouse.SingleUse;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.Seal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The steps of verification that all profiles share.
///
/// The verifier looks up the key, checks that the key may be used for this request now, asks the
/// profile whether the signature matches, and prepares the record of the use. A profile checks the
/// format and the time of a signature before it calls the verifier.
///
/// The verifier does not record the use. An accepted outcome holds a [SingleUse], and the gate
/// reserves it after all other checks of the request. Just before that, the time of the signature
/// is checked again.
///
/// The checks are ordered by their cost: the key is looked up before a byte of the body is read.
/// Each method that returns an [Outcome] returns [Outcome.Unavailable] if a store does not answer.
/// Thread-safe. The `verify…` methods may block.
public final class SignatureVerifier {

  /// The text that a client gets if the key is unknown, revoked or not valid for the host, and if
  /// the signature does not match. It is the same in all these cases, so that a client cannot find
  /// out which keys exist.
  public static final String INVALID_SIGNATURE_DETAIL =
      "The signature does not match the request, or its key is unknown, revoked, or not valid here";

  /// How many secrets of one webhook are tried for one event.
  public static final int MAX_WEBHOOK_KEYS = 8;

  /// What a profile found when it verified a signature with a key.
  public sealed interface Verdict {

    /// The signature matches.
    ///
    /// @param use the use that must be the first one: see [#signatureUse]
    /// @param expiresAt the first instant at which the signature is refused, as the signature
    ///   itself says; null: the signature does not say
    /// @param bodyDigest the digest that the body must have, if the body was not read yet; null:
    ///   there is nothing left to compare
    record Valid(Use use, @Nullable Instant expiresAt, @Nullable BodyDigest bodyDigest)
        implements Verdict {

      /// A signature without an expiry, whose body was compared already.
      public Valid(Use use) {
        this(use, null, null);
      }
    }

    /// The signature does not match, or the request lacks something that it must have.
    record Invalid(Outcome.Rejected rejected) implements Verdict {}
  }

  /// Verifies one signature with a key that [SignatureVerifier] found.
  @FunctionalInterface
  public interface KeyedVerification {

    /// Verifies the signature with this key. May read the body, and block for it. Throws
    /// [RequestBody.Unreadable] if the body cannot be read.
    Verdict verifyWith(SignatureKey key);
  }

  private final HmacSettings settings;
  private final SignatureKeyLookup lookup;
  private final SignatureKeys keys;
  private final ReplayStore used;
  private final Roles roles;
  private final SignatureTimes times;

  /// @param store holds the keys
  /// @param keys opens the sealed secrets
  /// @param used records the uses
  /// @param revocations decides how long a key that was looked up may be remembered
  public SignatureVerifier(
      HmacSettings settings,
      SignatureKeyStore store,
      SignatureKeys keys,
      ReplayStore used,
      Roles roles,
      Revocations revocations,
      Clock clock,
      Ticker ticker) {
    this.settings = settings;
    this.lookup = new SignatureKeyLookup(settings.hosts(), store, revocations, clock, ticker);
    this.keys = keys;
    this.used = used;
    this.roles = roles;
    this.times = new SignatureTimes(settings.window(), clock);
  }

  /// Verifies the signature of a request by the key with this id.
  ///
  /// Checks that the key exists, is not revoked or expired, is not for a webhook, and is valid for
  /// the host of the request; then calls the verification. Does not check the time of the signature
  /// and does not record the use.
  public Outcome verify(AuthRequest request, String keyId, KeyedVerification verification) {
    return answered(
        () ->
            switch (lookup.forRequest(keyId, request.authority())) {
              case SignatureKeyLookup.Result.Refused(Outcome.Rejected why) -> why;
              case SignatureKeyLookup.Result.Usable(OwnedCredential<StoredSignatureKey> owned) ->
                  verified(owned, verification);
            });
  }

  /// Checks whether the key with this id may still be used for a request that was admitted before,
  /// for example a stream that is still open. Does not verify the signature again, and looks at no
  /// time of it.
  public Outcome verifyAgain(AuthRequest request, String keyId) {
    return answered(
        () ->
            switch (lookup.forRequest(keyId, request.authority())) {
              case SignatureKeyLookup.Result.Refused(Outcome.Rejected why) -> why;
              case SignatureKeyLookup.Result.Usable(OwnedCredential<StoredSignatureKey> owned) ->
                  accepted(owned, null, null);
            });
  }

  /// Verifies the signature of a webhook's event.
  ///
  /// Tries the secrets of this webhook, the newest first, and at most [#MAX_WEBHOOK_KEYS]. Returns
  /// the first outcome that is not [Reason#INVALID_SIGNATURE]; if there is none, the outcome of the
  /// last secret. Does not record the use.
  public Outcome verifyWebhook(String webhook, KeyedVerification verification) {
    return answered(
        () -> {
          Outcome last = rejected("the webhook '" + webhook + "' has no secret");
          for (OwnedCredential<StoredSignatureKey> owned :
              lookup.forWebhook(webhook, MAX_WEBHOOK_KEYS)) {
            Outcome outcome = verified(owned, verification);
            if (!(outcome instanceof Outcome.Rejected rejected)
                || rejected.reason() != Reason.INVALID_SIGNATURE) {
              return outcome;
            }
            last = outcome;
          }
          return last;
        });
  }

  /// Checks whether the secret that signed an admitted event may still be used. Another secret of
  /// the webhook does not count, because it did not sign the event.
  ///
  /// @param keyId the id of the secret that signed the event
  public Outcome verifyWebhookAgain(String webhook, String keyId) {
    return answered(
        () ->
            switch (lookup.ofWebhook(webhook, keyId)) {
              case SignatureKeyLookup.Result.Refused(Outcome.Rejected why) -> why;
              case SignatureKeyLookup.Result.Usable(OwnedCredential<StoredSignatureKey> owned) ->
                  accepted(owned, null, null);
            });
  }

  /// Returns the rejection for a signature whose time differs from now by more than the window of
  /// the settings, in either direction; null if the time is within the window. Does not block.
  ///
  /// @param signedAt the time that the signature states
  public Outcome.@Nullable Rejected outsideWindow(Instant signedAt) {
    return times.outsideWindow(signedAt);
  }

  /// Returns the rejection for a signature that has expired by its own statement; null if it has
  /// not. Does not block.
  ///
  /// @param expiresAt the first instant at which the signature is refused; null: the signature
  ///   states no expiry
  public Outcome.@Nullable Rejected expired(@Nullable Instant expiresAt) {
    return times.expired(expiresAt);
  }

  /// The use of a signature with this time. It stays on record until the window of the settings
  /// refuses the signature.
  ///
  /// @param holder the id of the key, or the [#webhookHolder]
  /// @param digest the [#useDigest]
  public Use signatureUse(String holder, Digest digest, Instant signedAt) {
    return new Use(
        ReplayStore.Kind.SIGNATURE, holder, digest, signedAt, times.refusedFrom(signedAt));
  }

  /// The holder under which the uses of a webhook's events are counted. All secrets of a webhook
  /// have one share of the record together.
  public static String webhookHolder(String webhook) {
    return "webhook " + webhook;
  }

  /// The digest that identifies the use of an HMAC that does not cover the key's id.
  ///
  /// Two keys with the same secret make the same HMAC of a message, so the use counts for both. A
  /// message has exactly one valid HMAC for each secret.
  ///
  /// @param mac the HMAC, after it was verified
  public static Digest useDigest(byte[] mac) {
    return Digest.sha256(mac);
  }

  /// The digest that identifies the use of a signed text. It is a digest of the text, and not of
  /// the signature: with ECDSA and RSA-PSS, one text has many valid signatures.
  ///
  /// @param signer the key's id, if the signature covers it; otherwise the webhook's name
  public static Digest useDigest(String signer, byte[] signed) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] name = signer.getBytes(StandardCharsets.UTF_8);
      // The length goes first, so that no other signer and text have the same bytes.
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
      sha256.update(name);
      sha256.update(signed);
      return Digest.of(sha256.digest());
    } catch (NoSuchAlgorithmException impossible) {
      // java.security.MessageDigest: every Java platform has SHA-256.
      throw new AssertionError(impossible);
    }
  }

  /// A rejection that tells the client [#INVALID_SIGNATURE_DETAIL] and nothing else.
  ///
  /// @param cause the reason for operators; it must contain no secret
  public static Outcome.Rejected rejected(String cause) {
    return new Outcome.Rejected(Reason.INVALID_SIGNATURE, INVALID_SIGNATURE_DETAIL, cause);
  }

  /// The length of the longest body, in bytes, that a profile may read before the request is
  /// admitted.
  public int maxBodyBytes() {
    return settings.maxBodyBytes();
  }

  @FunctionalInterface
  private interface Verification {
    Outcome run();
  }

  private static Outcome answered(Verification verification) {
    try {
      return verification.run();
    } catch (StoreUnavailableException | Seal.BrokenSealException unavailable) {
      return new Outcome.Unavailable(unavailable);
    } catch (RequestBody.Unreadable unreadable) {
      return unreadable.rejected();
    }
  }

  private Outcome verified(
      OwnedCredential<StoredSignatureKey> owned, KeyedVerification verification) {
    Outcome.Rejected ended = lookup.ended(owned);
    if (ended != null) {
      return ended;
    }
    SignatureKey key;
    try {
      key = keys.open(owned.credential());
    } catch (IllegalArgumentException weak) {
      // A version that did not refuse such keys stored it.
      return rejected(owned.credential().id() + " cannot be used: " + weak.getMessage());
    }
    return switch (verification.verifyWith(key)) {
      case Verdict.Invalid(Outcome.Rejected rejected) -> rejected;
      case Verdict.Valid valid ->
          accepted(
              owned, valid.bodyDigest(), new SignatureUse(owned.credential(), valid, used, times));
    };
  }

  private Outcome accepted(
      OwnedCredential<StoredSignatureKey> owned,
      @Nullable BodyDigest bodyDigest,
      @Nullable SingleUse singleUse) {
    IssuedCredential<StoredSignatureKey> key = owned.credential();
    return new Outcome.Accepted(
        owned.principal(Method.HMAC, roles),
        key.terms().conditions(Reason.INVALID_SIGNATURE),
        keys.open(key).root(key.id()),
        bodyDigest,
        singleUse);
  }
}
