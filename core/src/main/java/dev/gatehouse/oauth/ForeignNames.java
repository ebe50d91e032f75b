package dev.gatehouse.oauth;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How callers of others are called here.
///
/// An issuer has no `|` in its name, and what stands behind the first one is escaped: so no two
/// pairs have one name, and none is that of a local account, which has no `|` at all.
final class ForeignNames {

  /// The longest `sub` and `jti`, in UTF-16. OpenID Connect Core §2 has that bound for `sub`; RFC
  /// 7519 §4.1.2 has none.
  static final int MAX_NAME_CHARS = 255;

  private static final String CREDENTIAL_PREFIX = "oauth:";

  private static final int MAX_CLIENT_CHARS = 100;

  // A client whose own name begins so is hashed too, so that it has no other client's name.
  private static final String HASHED_PREFIX = "sha256-";

  private static final String NO_CLIENT = "-";

  private ForeignNames() {}

  /// Whether an issuer's text may name somebody or something here: 1 to 255 characters, none of
  /// them a control, and well-formed ([Json#isWellFormed]). A number is no such text (RFC 7519
  /// §4.1.2, StringOrURI): a large one is rounded when it is read. Nor is one with U+FFFD, which
  /// stands for what could not be decoded.
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

  /// The same without a bound: clients may be called by long addresses.
  static boolean isClient(Object claim) {
    return claim instanceof String text && isReadable(text);
  }

  /// The subject of whoever an issuer calls so.
  static String subject(String issuer, String subject) {
    return issuer + "|" + escaped(subject);
  }

  /// The subject of a client that an issuer calls so, for a token that names no other subject. No
  /// subject of [#subject] has that name: a `|` of its own is escaped.
  static String clientAsSubject(String issuer, String client) {
    return issuer + "||" + escaped(client);
  }

  /// Whether a public id is one of [#credential].
  static boolean isCredential(String id) {
    return id.startsWith(CREDENTIAL_PREFIX);
  }

  /// The public id of what a client of an issuer calls with: no longer than needed, and no secret,
  /// whatever the issuer has for client ids.
  ///
  /// @param client null: the token names none
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

  // RFC 3986 §2.1: bytes as %XX. What stands is visible ASCII, and reads as it is.
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
