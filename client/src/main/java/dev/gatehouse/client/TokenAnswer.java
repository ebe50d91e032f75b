package dev.gatehouse.client;

import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tokens in an answer of the gate. Its text form contains no token.
///
/// @param refreshToken null if the gate gave none, as for services
/// @param life how long the access token is valid after it was requested
record TokenAnswer(String accessToken, @Nullable String refreshToken, Duration life) {

  private static final long MAX_SECONDS = Duration.ofDays(366).toSeconds();

  /// Parses the answer of `/api/auth/login` and `/api/auth/refresh`, or that of `/auth/token`, with
  /// the names of RFC 6749 §5.1.
  ///
  /// @throws ParseException if it is neither, with a message that quotes none of it
  static TokenAnswer read(byte[] body) throws ParseException {
    Map<String, @Nullable Object> members = Json.object(body);
    boolean snake = members.containsKey("access_token");
    String type = text(members, snake ? "token_type" : "tokenType");
    if (!type.equalsIgnoreCase("Bearer")) { // RFC 6749 §5.1: without regard to case
      throw new ParseException("a token that is no bearer token", 0);
    }
    String refresh = snake ? "refresh_token" : "refreshToken";
    return new TokenAnswer(
        token(members, snake ? "access_token" : "accessToken"),
        members.containsKey(refresh) ? token(members, refresh) : null,
        seconds(members, snake ? "expires_in" : "expiresIn"));
  }

  private static String text(Map<String, @Nullable Object> members, String name)
      throws ParseException {
    if (members.get(name) instanceof String text) {
      return text;
    }
    throw new ParseException("no text " + name, 0);
  }

  private static String token(Map<String, @Nullable Object> members, String name)
      throws ParseException {
    String token = text(members, name);
    try {
      return FieldText.visible("A token", token);
    } catch (IllegalArgumentException notVisible) {
      throw new ParseException("no token " + name, 0);
    }
  }

  private static Duration seconds(Map<String, @Nullable Object> members, String name)
      throws ParseException {
    if (members.get(name) instanceof Long seconds && seconds > 0 && seconds <= MAX_SECONDS) {
      return Duration.ofSeconds(seconds);
    }
    throw new ParseException("no seconds " + name, 0);
  }

  @Override
  public String toString() {
    return "TokenAnswer[…]";
  }
}
