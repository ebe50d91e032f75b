package dev.gatehouse.apikey;

import dev.gatehouse.secret.SecretForm;
import java.util.regex.Pattern;

/// The settings of API keys. Immutable.
///
/// @param prefix the beginning of every key, by which people and secret scanners recognize it
/// @param realm the realm in challenges (RFC 9110 §11.5)
public record ApiKeySettings(String prefix, String realm) {

  /// The default prefix.
  public static final String DEFAULT_PREFIX = "sk_live_";

  private static final int MAX_PREFIX_CHARS = 32;

  /// The form of a prefix.
  public static final Pattern PREFIX =
      Pattern.compile("(?=.{2," + MAX_PREFIX_CHARS + "}$)[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_");

  /// Throws [IllegalArgumentException] with a message that says what the prefix or the realm must
  /// be.
  public ApiKeySettings {
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "a key's prefix has letters, digits and underscores, ends with an underscore, and is at"
              + " most "
              + MAX_PREFIX_CHARS
              + " characters long");
    }
    if (realm.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
      throw new IllegalArgumentException("a realm holds nothing but visible ASCII and spaces");
    }
  }

  /// Returns the form of a key. It does not cover the checksum.
  public SecretForm secretForm() {
    return SecretForm.base62(prefix);
  }

  /// Returns the settings with the default prefix and that realm.
  public static ApiKeySettings inRealm(String realm) {
    return new ApiKeySettings(DEFAULT_PREFIX, realm);
  }
}
