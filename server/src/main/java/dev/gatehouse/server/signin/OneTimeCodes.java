package dev.gatehouse.server.signin;

import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One-time codes that pages exchange for tokens. A code stands in the address of the page. It is
/// valid for one minute, once, and only together with the code verifier that the page alone knows
/// (RFC 7636).
///
/// A code is sealed text, so a code that is never exchanged needs no storage. Thread-safe; every
/// call may block.
public final class OneTimeCodes {

  static final Duration CODE_LIFETIME = Duration.ofSeconds(60);

  private static final String PREFIX = "ac_";

  // What is sealed has more than 112 bytes, which are 150 characters in base64url.
  private static final int MIN_SEALED_CHARS = 150;

  /// The form of a code, by which it is recognised as a secret of the gate. A code is in the
  /// address of the page that exchanges it.
  public static final SecretForm FORM = new SecretForm(PREFIX, MIN_SEALED_CHARS, "-_", true);

  private static final String SEAL_CONTEXT = "one-time code";

  // The sealed text of the longest issuer and subject ([VerifiedIdentity]) and the other members.
  private static final int MAX_CHARS = 4_096;

  // RFC 7636 §4.2, S256: the base64url of 32 bytes.
  private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");

  /// The result of exchanging a code.
  sealed interface Redeemed {

    /// The code is valid for tokens of this account.
    ///
    /// @param generation the generation of the account's sign-ins when the person signed in
    /// @param credential with which the person signed in ([SignIn#credential]); null: it is not
    ///   known
    record Good(String account, long generation, @Nullable String credential) implements Redeemed {}

    /// The code is not valid.
    ///
    /// @param why for operators
    record NotGood(String why) implements Redeemed {}

    /// Whether the code is valid is not known now.
    ///
    /// @param why for operators
    record Unavailable(String why) implements Redeemed {}
  }

  private final Seal seal;
  private final ReplayStore uses;
  private final Clock clock;

  /// @param uses the record of codes that were exchanged, until they expire
  public OneTimeCodes(Seal seal, ReplayStore uses, Clock clock) {
    this.seal = seal;
    this.uses = uses;
    this.clock = clock;
  }

  /// Whether the text has the form of a code challenge of the method S256, the only one that is
  /// accepted.
  static boolean isChallenge(String challenge) {
    return CHALLENGE.matcher(challenge).matches();
  }

  /// Issues a code for a person who has just been authenticated.
  ///
  /// @param codeChallenge of the page that may exchange it
  String issue(SignIn signIn, String codeChallenge) {
    Account account = signIn.account();
    return PREFIX
        + seal.seal(
            new JsonObject()
                .put("i", RandomIds.next(""))
                .put("a", account.id())
                .put("g", account.generation())
                .put("s", signIn.credential())
                .put("c", codeChallenge)
                .put("e", clock.instant().plus(CODE_LIFETIME).toEpochMilli())
                .encode(),
            SEAL_CONTEXT);
  }

  /// Exchanges a code. A wrong verifier does not spend the code, so a party that only read the code
  /// can't make it useless for its page.
  Redeemed redeem(String code, String verifier) {
    if (!code.startsWith(PREFIX) || code.length() > MAX_CHARS) {
      return new Redeemed.NotGood("not the form of a code");
    }
    JsonObject sealed;
    String id;
    String account;
    long generation;
    String credential;
    Instant end;
    String challenge;
    try {
      sealed = new JsonObject(seal.open(code.substring(PREFIX.length()), SEAL_CONTEXT));
      id = sealed.getString("i");
      account = sealed.getString("a");
      generation = sealed.getLong("g");
      credential = sealed.getString("s");
      challenge = sealed.getString("c");
      end = Instant.ofEpochMilli(sealed.getLong("e"));
    } catch (Seal.BrokenSealException | DecodeException notOurs) {
      return new Redeemed.NotGood("no code of this gate");
    }
    if (!clock.instant().isBefore(end)) {
      return new Redeemed.NotGood("the code was over at " + end);
    }
    if (!isOf(verifier, challenge)) {
      return new Redeemed.NotGood("the code_verifier is not the one of the code's page");
    }
    // The id inside the seal identifies the code, since the same bytes have more than one Base64
    // text.
    Digest use = Digest.sha256((SEAL_CONTEXT + " " + id).getBytes(StandardCharsets.UTF_8));
    return switch (uses.record(new Use(Kind.ONE_TIME_CODE, "codes of " + account, use, end, end))) {
      case Recorded.First first -> new Redeemed.Good(account, generation, credential);
      case Recorded.Again again -> new Redeemed.NotGood("the code was exchanged before");
      case Recorded.BeforeHorizon(Instant horizon) ->
          new Redeemed.Unavailable(
              "codes that end up to " + horizon + " were forgotten: the clock went back");
      case Recorded.Full full -> new Redeemed.Unavailable("the record of uses is full");
      case Recorded.ShareTaken taken ->
          new Redeemed.Unavailable("the share of " + account + " in the record of uses is taken");
    };
  }

  // RFC 7636 §4.6
  private static boolean isOf(String verifier, String challenge) {
    CodeChallenge computed;
    try {
      computed = CodeChallenge.compute(CodeChallengeMethod.S256, new CodeVerifier(verifier));
    } catch (IllegalArgumentException noVerifier) {
      return false;
    }
    return MessageDigest.isEqual(
        computed.getValue().getBytes(StandardCharsets.US_ASCII),
        challenge.getBytes(StandardCharsets.US_ASCII));
  }
}
