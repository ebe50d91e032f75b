package dev.gatehouse.server.signin;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.server.provider.AttemptSecrets;
import dev.gatehouse.server.provider.Provider;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One attempt of one browser to sign in with a provider, or to link an identity: what the gate
/// must know when the browser comes back. It has no text form.
///
/// @param asked an answer of another is not its answer
/// @param returnTarget where to go afterwards, on this origin; with a page: one of the paths that
///   codes may go to
/// @param expiresAt the first instant at which an answer comes too late
/// @param linking whose account gets a link; null: nobody's, somebody signs in
/// @param invitation the token that the person was sent; null: none
/// @param page of a page that wants tokens; null: the browser gets a session
record Attempt(
    Asked asked,
    AttemptSecrets secrets,
    String returnTarget,
    Instant expiresAt,
    @Nullable Linking linking,
    @Nullable String invitation,
    @Nullable PageClient page) {

  /// The provider that the browser was sent to.
  ///
  /// @param provider its name in the configuration
  /// @param issuerDigest the digest of the issuer that had this name then; the code goes to no
  ///   other issuer
  /// @param recently whether the provider must have authenticated the person recently
  record Asked(String provider, String issuerDigest, boolean recently) {

    static Asked of(Provider provider, boolean recently) {
      return new Asked(provider.name(), digest(provider.issuer()), recently);
    }

    /// Whether the browser was sent to that provider.
    boolean isOf(Provider other) {
      return provider.equals(other.name()) && issuerDigest.equals(digest(other.issuer()));
    }

    // A digest is shorter than an issuer, and a browser's cookies have to hold several attempts.
    private static String digest(String issuer) {
      byte[] digest = Digest.sha256(issuer.getBytes(StandardCharsets.UTF_8)).bytes();
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(Arrays.copyOf(digest, ISSUER_DIGEST_BYTES));
    }
  }

  private static final int ISSUER_DIGEST_BYTES = 16;

  /// @param account by its id
  /// @param session by its id: the link is made only while it lasts
  record Linking(String account, String session) {}

  /// @param codeChallenge of the page's own proof key (RFC 7636 §4.2)
  /// @param state goes back to the page; null: it sent none
  record PageClient(String codeChallenge, @Nullable String state) {}

  /// The same attempt with another return target.
  Attempt returningTo(String target) {
    return new Attempt(asked, secrets, target, expiresAt, linking, invitation, page);
  }

  /// The form in which it is sealed.
  String text() {
    JsonObject text =
        new JsonObject()
            .put("p", asked.provider)
            .put("o", asked.issuerDigest)
            .put("m", asked.recently)
            .put("v", secrets.codeVerifier())
            .put("r", returnTarget)
            .put("e", expiresAt.toEpochMilli());
    if (linking != null) {
      text.put("a", linking.account).put("i", linking.session);
    }
    if (invitation != null) {
      text.put("t", invitation);
    }
    if (page != null) {
      text.put("c", page.codeChallenge).put("q", page.state);
    }
    return text.encode();
  }

  /// Reads that form after the seal was verified. Empty if another version of the gate wrote it.
  static Optional<Attempt> read(String text) {
    try {
      JsonObject read = new JsonObject(text);
      String account = read.getString("a");
      String challenge = read.getString("c");
      return Optional.of(
          new Attempt(
              new Asked(
                  Objects.requireNonNull(read.getString("p")),
                  Objects.requireNonNull(read.getString("o")),
                  read.getBoolean("m")),
              new AttemptSecrets(Objects.requireNonNull(read.getString("v"))),
              read.getString("r"),
              Instant.ofEpochMilli(read.getLong("e")),
              account == null ? null : new Linking(account, read.getString("i")),
              read.getString("t"),
              challenge == null ? null : new PageClient(challenge, read.getString("q"))));
    } catch (DecodeException | ClassCastException | NullPointerException otherVersion) {
      return Optional.empty();
    }
  }

  /// Names the provider only.
  @Override
  public String toString() {
    return "Attempt[" + asked.provider + "]";
  }
}
