package dev.gatehouse.oauth;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The local names of callers of other issuers.
///
/// The name of an issuer has no `|`, and what follows the first `|` is escaped. So no two pairs of
/// issuer and name get the same local name, and none gets that of a local account, which has no
/// `|`.
final class ForeignNames {

  /// The longest `sub` and `jti`, in UTF-16. OpenID Connect Core §2 has that limit for `sub`; RFC
  /// 7519 §4.1.2 has none.
  static final int MAX_NAME_CHARS = 255;

  private static final String CREDENTIAL_PREFIX = "oauth:";

  private static final int MAX_CLIENT_CHARS = 100;

  // A client whose name begins with this is hashed too, so that it does not get another client's
  // name.
  private static final String HASHED_PREFIX = "sha256-";

  private static final String NO_CLIENT = "-";

  private ForeignNames() {}

  /// Whether a claim of an issuer can name a subject or a token here: a string of 1 to 255
  /// characters without control characters, and well-formed ([Json#isWellFormed]). A number is
  /// refused (RFC 7519 §4.1.2, StringOrURI), because a large one is rounded when it is read. So is
  /// U+FFFD, which replaces what could not be decoded.
  static boolean isName(@Nullable Object claim) {
    return claim instanceof String text
        && !text.isEmpty()
        && text.length() <= MAX_NAME_CHARS
        && isReadable(text);
  }

  private static boolean isReadable(String text) {
    return text.chars().noneMatch(c -> Character.isISOControl(c) || c == 0xFFFD)
        && Json.isWellFormed(text);
  }

  /// As [#isName], but without a maximum length, because clients may have long URLs as names.
  static boolean isClient(Object claim) {
    return claim instanceof String text && isReadable(text);
  }

  /// Returns the local subject for that subject of an issuer.
  static String subject(String issuer, String subject) {
    return issuer + "|" + escaped(subject);
  }

  /// Returns the local subject for a client of an issuer, for a token that names no other subject.
  /// It never equals a result of [#subject], in which a `|` of the name is escaped.
  static String clientAsSubject(String issuer, String client) {
    return issuer + "||" + escaped(client);
  }

  /// Whether a public id was returned by [#credential].
  static boolean isCredential(String id) {
    return id.startsWith(CREDENTIAL_PREFIX);
  }

  /// Returns the public id of the credential of an issuer's client. It has a bounded length and
  /// contains no secret, whatever the issuer uses as client ids.
  ///
  /// @param client the client; null: the token names none
  static String credential(String issuer, @Nullable String client) {
    if (client == null) {
      return CREDENTIAL_PREFIX + issuer + "|" + NO_CLIENT;
    }
    String name = client.equals(NO_CLIENT) ? "%2D" : escaped(client);
    return CREDENTIAL_PREFIX
        + issuer
        + "|"
        + (name.length() <= MAX_CLIENT_CHARS && !name.startsWith(HASHED_PREFIX)
            ? name
            : HASHED_PREFIX
                + Base64URL.encode(Digest.sha256(client.getBytes(StandardCharsets.UTF_8)).bytes()));
  }

  // RFC 3986 §2.1: other bytes as %XX. Printable ASCII stays as it is.
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c > 0x20 && c < 0x7f && "%|\"\\,".indexOf(c) < 0) {
        escaped.append(c);
      } else {
        escaped.append('%').append("%02X".formatted((int) c));
      }
    }
    return escaped.toString();
  }
}
