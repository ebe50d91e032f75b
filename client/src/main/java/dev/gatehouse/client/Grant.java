package dev.gatehouse.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a client gets its tokens for (RFC 6749 §1.3). It gets the first one when it needs it,
/// renews it before it ends, and once more when the gate refuses it.
public final class Grant {

  private final String kind;
  private final @Nullable Form first;
  private final @Nullable String refreshToken;
  private final Consumer<String> newest;

  /// How to ask the gate for tokens.
  ///
  /// @param fields beside the type of the content
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

  /// A person who signs in. The password stays in memory, so that the client can sign in again when
  /// a sign-in is over: after 30 days, or when it was ended.
  public static Grant password(String email, String password) {
    return new Grant(
        "password",
        Form.json(
            "/api/auth/login",
            "{\"email\":" + Json.quoted(email) + ",\"password\":" + Json.quoted(password) + "}"),
        null,
        token -> {});
  }

  /// A service, by one of its API keys (RFC 6749 §4.4).
  ///
  /// @param scopes those that the tokens are to have; none for all that the key has
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

  /// A sign-in that began elsewhere, and of which the application has the refresh token.
  ///
  /// @param newest is handed each new refresh token before the access token that came with it is
  ///   used. Whoever wants to go on after a restart stores it: the one before is spent, and to use
  ///   it again ends the sign-in
  public static Grant refreshToken(String token, Consumer<String> newest) {
    return new Grant("refresh token", null, FieldText.visible("A refresh token", token), newest);
  }

  /// How to get tokens from nothing; null where a person must sign in for that.
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
