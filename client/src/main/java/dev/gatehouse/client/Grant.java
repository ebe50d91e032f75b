package dev.gatehouse.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The authorization for which a client gets its tokens (RFC 6749 §1.3). The client gets the first
/// token when it needs it, and renews it before it expires and when the gate refuses it. Immutable;
/// the text form contains no secret.
public final class Grant {

  private final String kind;
  private final @Nullable Form first;
  private final @Nullable String refreshToken;
  private final Consumer<String> newest;

  /// A request for tokens.
  ///
  /// @param fields the header fields, in addition to the content type
  record Form(String path, String contentType, String body, Map<String, String> fields) {

    static Form json(String path, String body) {
      return new Form(path, "application/json", body, Map.of());
    }

    @Override
    public String toString() {
      return "Form[" + path + "]";
    }
  }

  private Grant(
      String kind, @Nullable Form first, @Nullable String refreshToken, Consumer<String> newest) {
    this.kind = kind;
    this.first = first;
    this.refreshToken = refreshToken;
    this.newest = newest;
  }

  /// Returns the grant of a person who signs in with a password. The password stays in memory, so
  /// that the client can sign in again when a sign-in has ended: after 30 days by default, or when
  /// it was revoked.
  public static Grant password(String email, String password) {
    return new Grant(
        "password",
        Form.json(
            "/api/auth/login",
            "{\"email\":" + Json.quoted(email) + ",\"password\":" + Json.quoted(password) + "}"),
        null,
        token -> {});
  }

  /// Returns the grant of a service by one of its API keys (RFC 6749 §4.4).
  ///
  /// @param scopes the scopes of the tokens; none for all scopes of the key
  /// @throws IllegalArgumentException if the key contains anything but printable ASCII without
  ///   spaces
  public static Grant service(String apiKey, String... scopes) {
    String scope =
        scopes.length == 0
            ? ""
            : "&scope=" + URLEncoder.encode(String.join(" ", scopes), StandardCharsets.UTF_8);
    return new Grant(
        "service",
        new Form(
            "/auth/token",
            "application/x-www-form-urlencoded",
            "grant_type=client_credentials" + scope,
            Map.of("X-API-Key", FieldText.visible("An API key", apiKey))),
        null,
        token -> {});
  }

  /// Returns the grant of a sign-in that began elsewhere and whose refresh token the application
  /// has.
  ///
  /// @param newest gets each new refresh token before the access token that came with it is used.
  ///   An application that wants to continue after a restart must store it: the previous token is
  ///   spent, and using it again ends the sign-in
  /// @throws IllegalArgumentException if the token contains anything but printable ASCII without
  ///   spaces
  public static Grant refreshToken(String token, Consumer<String> newest) {
    return new Grant("refresh token", null, FieldText.visible("A refresh token", token), newest);
  }

  /// Returns how to get tokens without a refresh token; null if a person must sign in for that.
  @Nullable Form first() {
    return first;
  }

  @Nullable String refreshToken() {
    return refreshToken;
  }

  Consumer<String> newest() {
    return newest;
  }

  @Override
  public String toString() {
    return "Grant[" + kind + "]";
  }
}
