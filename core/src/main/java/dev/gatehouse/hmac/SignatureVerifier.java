package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.hmac.UsedSignatures.Recorded;
import dev.gatehouse.hmac.UsedSignatures.Use;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.Seal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every way of signing has in common: which key it is, whether it is good here and now,
/// whether the signature is, and that it is the first of its kind. Thread-safe; every call may
/// block.
///
/// The order is that of the cost: the key is looked up before a byte of the body is read. A use is
/// recorded last, by the gate ([SingleUse]): only of a signature that is good, and only when
/// nothing else stands against the request. Just before that, its time is checked again.
public final class SignatureVerifier {

  /// What a client is told of a key that is unknown, revoked or used elsewhere, and of a signature
  /// that does not match: always the same.
  public static final String INVALID_SIGNATURE_DETAIL =
      "The signature does not match the request, or its key is unknown, revoked, or not valid here";

  private static final Logger LOG = LoggerFactory.getLogger(SignatureVerifier.class);

  private static final int MAX_REMEMBERED_KEYS = 10_000;

  // Uses are forgotten all the time: a key that has its share gets places again soon.
  private static final Duration SHARE_RETRY_INTERVAL = Duration.ofSeconds(30);

  /// How many secrets of one webhook are tried.
  public static final int MAX_WEBHOOK_KEYS = 8;

  /// What a profile says of a signature, now that it has a key.
  public sealed interface Verdict {

    /// It matches.
    ///
    /// @param use which must be the first: see [#signatureUse]
    /// @param expiresAt the first instant at which the signature is refused, by what it says
    ///   itself; null: it says nothing
    /// @param bodyDigest what the body must hash to, which is still to be seen; null: nothing
    record Valid(Use use, @Nullable Instant expiresAt, @Nullable BodyDigest bodyDigest)
        implements Verdict {

      /// It says of no end, and nothing more is asked of the body.
      public Valid(Use use) {
        this(use, null, null);
      }
    }

    /// It does not.
    record Invalid(Outcome.Rejected rejected) implements Verdict {}
  }

  /// A signature, to be judged with a key. May read the body, and block for it.
  @FunctionalInterface
  public interface KeyedVerification {

    /// What it is worth with that key; may throw [RequestBody.Unreadable].
    Verdict verifyWith(SignatureKey key);
  }

  private final HmacSettings settings;
  private final SignatureKeyStore store;
  private final SignatureKeys keys;
  private final UsedSignatures used;
  private final Roles roles;
  private final Revocations revocations;
  private final Clock clock;

  // Keys that were found, and what the feed had said before: they count for as long as it says
  // nothing else. Nothing is remembered of ids that nobody has.
  private final Cache<String, RememberedKey> remembered;

  /// @param store in which keys are looked up
  /// @param keys by which they are opened
  /// @param used where uses are recorded
  /// @param revocations says how long a key that was looked up may be remembered
  public SignatureVerifier(
      HmacSettings settings,
      SignatureKeyStore store,
      SignatureKeys keys,
      UsedSignatures used,
      Roles roles,
      Revocations revocations,
      Clock clock,
      Ticker ticker) {
    this.settings = settings;
    this.store = store;
    this.keys = keys;
    this.used = used;
    this.roles = roles;
    this.revocations = revocations;
    this.clock = clock;
    this.remembered =
        Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED_KEYS)
            .expireAfterWrite(revocations.memory())
            .ticker(ticker)
            .build();
  }

  /// Verifies a signature of the key with that id. Does not record its use: that is what is still
  /// to be reserved of it.
  public Outcome verify(AuthRequest request, String keyId, KeyedVerification verification) {
    return answered(
        () -> {
          Found found = requestKey(request, keyId);
          return found.owned == null ? found.why : judged(found.owned, verification);
        });
  }

  /// Whether the key with that id would still be good for a request that was admitted: its
  /// signature was verified, and is not again.
  public Outcome verifyAgain(AuthRequest request, String keyId) {
    return answered(
        () -> {
          Found found = requestKey(request, keyId);
          return found.owned == null ? found.why : accepted(found.owned, null, null);
        });
  }

  /// Verifies an event of that webhook with each of its secrets, the newest first. Does not record
  /// its use: that is what is still to be reserved of it.
  public Outcome verifyWebhook(String webhook, KeyedVerification verification) {
    return answered(
        () -> {
          Outcome last = rejected("the webhook '" + webhook + "' has no secret");
          for (OwnedCredential<StoredSignatureKey> owned : webhookKeys(webhook)) {
            Outcome outcome = judged(owned, verification);
            if (!(outcome instanceof Outcome.Rejected rejected)
                || rejected.reason() != Reason.INVALID_SIGNATURE) {
              return outcome;
            }
            last = outcome;
          }
          return last;
        });
  }

  /// Whether the secret by which an event of that webhook was accepted is still good. Another good
  /// secret of the webhook does not count: the event was not signed with it.
  ///
  /// @param keyId of that secret
  public Outcome verifyWebhookAgain(String webhook, String keyId) {
    return answered(
        () -> {
          Optional<OwnedCredential<StoredSignatureKey>> found = lookedUp(keyId);
          if (found.isEmpty() || !webhook.equals(found.get().credential().material().webhook())) {
            return rejected(keyId + " is no secret of the webhook '" + webhook + "' any more");
          }
          Outcome.Rejected why = ended(found.get());
          return why == null ? accepted(found.get(), null, null) : why;
        });
  }

  /// Why a time is none at which a signature is accepted; null when it is one.
  ///
  /// @param at when it was signed
  public Outcome.@Nullable Rejected outsideWindow(Instant at) {
    Duration age = Duration.between(at, clock.instant());
    if (age.abs().compareTo(settings.window()) <= 0) {
      return null;
    }
    long seconds = age.abs().toSeconds();
    String apart = seconds + " s " + (age.isNegative() ? "ahead of" : "behind");
    return new Outcome.Rejected(
            Reason.REQUEST_EXPIRED,
            "The time of the signature is "
                + apart
                + " the gate's clock; at most "
                + settings.window().toSeconds()
                + " s are allowed",
            "signed " + apart + " the gate's clock")
        .uncounted();
  }

  /// Why a signature that says itself when it ends is not accepted any more; null when it is.
  ///
  /// @param expiresAt the first instant at which it is refused; null: it says nothing
  public Outcome.@Nullable Rejected expired(@Nullable Instant expiresAt) {
    return expiresAt == null || clock.instant().isBefore(expiresAt)
        ? null
        : new Outcome.Rejected(
                Reason.REQUEST_EXPIRED,
                "The signature has expired, as its own parameter expires says",
                "the signature expired at " + expiresAt)
            .uncounted();
  }

  /// The use of a signature of that time. It is on record until the signature is refused for its
  /// age.
  ///
  /// @param holder the key's id, or what [#webhookHolder] says of a webhook
  /// @param digest see [#useDigest]
  public Use signatureUse(String holder, Digest digest, Instant signedAt) {
    Instant refusedFrom = signedAt.plus(settings.window()).plusMillis(1);
    return new Use(UsedSignatures.Kind.SIGNATURE, holder, digest, signedAt, refusedFrom);
  }

  /// Whose share of the record the events of a webhook take: all of its secrets have one together.
  public static String webhookHolder(String webhook) {
    return "webhook " + webhook;
  }

  /// The digest by which a second use of an HMAC is known that does not cover the key's id. Two
  /// keys with one secret make the same HMAC of a message, so that it is used once under both ids.
  /// A message has one good HMAC for each secret.
  ///
  /// @param mac that was verified
  public static Digest useDigest(byte[] mac) {
    return Digest.sha256(mac);
  }

  /// The digest by which a second use is known: of what was signed, and not of the signature, of
  /// which one message may have several that are good.
  ///
  /// @param signer the key's id, which the signature covers, or the webhook's name
  public static Digest useDigest(String signer, byte[] signed) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] name = signer.getBytes(StandardCharsets.UTF_8);
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
      sha256.update(name);
      sha256.update(signed);
      return Digest.of(sha256.digest());
    } catch (NoSuchAlgorithmException impossible) {
      // Every Java platform has it: java.security.MessageDigest says so.
      throw new AssertionError(impossible);
    }
  }

  /// A rejection of which the client is told no more than that.
  public static Outcome.Rejected rejected(String cause) {
    return new Outcome.Rejected(Reason.INVALID_SIGNATURE, INVALID_SIGNATURE_DETAIL, cause);
  }

  /// The longest body that is read whole.
  public int maxBodyBytes() {
    return settings.maxBodyBytes();
  }

  @FunctionalInterface
  private interface Question {
    Outcome ask();
  }

  private static Outcome answered(Question question) {
    try {
      return question.ask();
    } catch (StoreUnavailableException | Seal.BrokenSealException unavailable) {
      return new Outcome.Unavailable(unavailable);
    } catch (RequestBody.Unreadable unreadable) {
      return unreadable.rejected();
    }
  }

  /// @param owned null: there is none that is good, for the reason beside it
  private record Found(@Nullable OwnedCredential<StoredSignatureKey> owned, Outcome.Rejected why) {}

  private Found requestKey(AuthRequest request, String keyId) {
    Optional<OwnedCredential<StoredSignatureKey>> found = lookedUp(keyId);
    if (found.isEmpty()) {
      return new Found(null, rejected("no such key"));
    }
    String id = found.get().credential().id();
    StoredSignatureKey key = found.get().credential().material();
    Outcome.Rejected why = ended(found.get());
    if (why == null && key.webhook() != null) {
      why = rejected(id + " is for the webhook '" + key.webhook() + "' only");
    }
    Set<String> hosts = key.hosts().isEmpty() ? settings.hosts() : key.hosts();
    String host = host(request.authority());
    if (why == null && !hosts.isEmpty() && !hosts.contains(host)) {
      why = rejected(id + " is not good for the host '" + host + "', but for " + hosts);
    }
    return why == null ? new Found(found.get(), NO_REASON) : new Found(null, why);
  }

  /// @param stamp the mark of [Revocations] at which the store was asked
  private record RememberedKey(OwnedCredential<StoredSignatureKey> owned, long stamp) {}

  private Optional<OwnedCredential<StoredSignatureKey>> lookedUp(String keyId) {
    RememberedKey before = remembered.getIfPresent(keyId);
    if (before != null && revocations.vouchesFor(before.stamp, before.owned.owner().id(), keyId)) {
      return Optional.of(before.owned);
    }
    long stamp = revocations.stamp();
    Optional<OwnedCredential<StoredSignatureKey>> found = store.byId(keyId);
    found.ifPresent(owned -> remembered.put(keyId, new RememberedKey(owned, stamp)));
    return found;
  }

  private static final Outcome.Rejected NO_REASON = rejected("");

  private List<OwnedCredential<StoredSignatureKey>> webhookKeys(String webhook) {
    return store.ofWebhook(webhook, clock.instant(), MAX_WEBHOOK_KEYS);
  }

  private Outcome.@Nullable Rejected ended(OwnedCredential<StoredSignatureKey> owned) {
    String refusal = owned.refusal();
    if (refusal != null) {
      return rejected(refusal);
    }
    // Before the body is read; the gate looks at it once more when that has come.
    CredentialTerms terms = owned.credential().terms();
    return terms.isOver(clock.instant())
        ? rejected(owned.credential().id() + " expired at " + terms.expiresAt())
        : null;
  }

  private Outcome judged(
      OwnedCredential<StoredSignatureKey> owned, KeyedVerification verification) {
    Outcome.Rejected why = ended(owned);
    if (why != null) {
      return why;
    }
    SignatureKey key;
    try {
      key = keys.open(owned.credential());
    } catch (IllegalArgumentException weak) { // stored before such keys were refused
      return rejected(owned.credential().id() + " cannot be used: " + weak.getMessage());
    }
    return switch (verification.verifyWith(key)) {
      case Verdict.Invalid(Outcome.Rejected rejected) -> rejected;
      case Verdict.Valid good ->
          accepted(owned, good.bodyDigest(), new SignatureUse(owned.credential(), good));
    };
  }

  /// The use of a signature that is good.
  private final class SignatureUse implements SingleUse {

    private final IssuedCredential<StoredSignatureKey> key;
    private final Use use;
    private final @Nullable Instant expiresAt;

    SignatureUse(IssuedCredential<StoredSignatureKey> key, Verdict.Valid good) {
      this.key = key;
      this.use = good.use();
      this.expiresAt = good.expiresAt();
    }

    /// A vendor sends an event again with the bytes and the signature of the first time. A caller
    /// that signs requests can sign another one.
    @Override
    public Counts counts() {
      return key.material().webhook() == null ? Counts.WHEN_SENT : Counts.WHEN_ANSWERED;
    }

    @Override
    public @Nullable Outcome reserve() {
      // The time was good when the head of the request was here. The body, or another credential of
      // the request, may have taken longer. The time of an event without one is now.
      Outcome.Rejected late = outsideWindow(use.time());
      if (late == null) {
        late = expired(expiresAt);
      }
      if (late != null) {
        return late;
      }
      try {
        return refusal(counts() == Counts.WHEN_SENT ? used.record(use) : used.reserve(use));
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }

    private @Nullable Outcome refusal(Recorded recorded) {
      return switch (recorded) {
        case Recorded.First first -> null;
        case Recorded.Again again -> replayed(key);
        case Recorded.BeforeHorizon(Instant horizon) -> unknown(use, horizon);
        case Recorded.Full full ->
            new Outcome.Unavailable(
                new StoreUnavailableException("the record of used signatures is full", null));
        case Recorded.ShareTaken taken -> shareTaken(use.holder());
      };
    }

    @Override
    public void confirm() {
      try {
        used.confirm(use);
      } catch (StoreUnavailableException unavailable) {
        LOG.warn("A use of {} could not be confirmed, and stays reserved", key.id(), unavailable);
      }
    }

    @Override
    public void release() {
      try {
        used.release(use);
      } catch (StoreUnavailableException unavailable) {
        LOG.warn("A use of {} could not be released, and stays reserved", key.id(), unavailable);
      }
    }
  }

  private static Outcome.Rejected shareTaken(String holder) {
    return new Outcome.Rejected(
        Reason.THROTTLED,
        "Too many signatures of this key were used recently",
        "the share of " + holder + " in the record of used signatures is taken",
        SHARE_RETRY_INTERVAL);
  }

  // The time is good, and yet the record does not reach back to it. Either the window was longer or
  // shorter before, or the clock was ahead when the record was purged.
  private Outcome.Rejected unknown(Use use, Instant horizon) {
    String cause =
        "signed at "
            + use.time()
            + ", but the record of used signatures knows nothing of times up to "
            + horizon;
    Instant now = clock.instant();
    if (horizon.isBefore(now)) {
      // Another signature will do: its time is after the horizon.
      return new Outcome.Rejected(
              Reason.REQUEST_EXPIRED,
              "The gate can't tell any more whether a signature of that time was used: sign the"
                  + " request anew",
              cause)
          .uncounted();
    }
    // A signature that is made now would be refused too: it is the gate's clock that went back.
    return new Outcome.Rejected(
        Reason.UNAVAILABLE,
        "The gate's clock went back, and it can't tell yet whether a signature was used: try again"
            + " later",
        cause + ": the clock went back",
        Duration.between(now, horizon).plusSeconds(1));
  }

  // Whoever has a good signature needs no guess.
  private static Outcome.Rejected replayed(IssuedCredential<StoredSignatureKey> key) {
    return new Outcome.Rejected(
            Reason.REPLAYED,
            key.material().webhook() == null
                ? "This very request was accepted before: sign every request anew, with a nonce"
                    + " when several are alike within a second"
                : "This very event was accepted before, or is under way",
            "a second use of a signature of " + key.id())
        .uncounted();
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

  // RFC 3986 §3.2.2: without regard to case; the port is no part of it.
  private static String host(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon >= 0 && authority.indexOf(']', colon) < 0;
    return (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
  }
}
