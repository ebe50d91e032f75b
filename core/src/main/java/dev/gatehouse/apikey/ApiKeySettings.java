package dev.gatehouse.apikey;

import dev.gatehouse.secret.SecretForm;
import java.util.regex.Pattern;

/// Settings of the method.
///
/// @param prefix with which every key begins, so that people and scanners recognise one
/// @param realm named in challenges (RFC 9110 §11.5)
public record ApiKeySettings(String prefix, String realm) {

  /// The prefix when none is set.
  public static final String DEFAULT_PREFIX = "sk_live_";

  private static final int MAX_PREFIX_CHARS = 32;

  /// What a prefix looks like.
  public static final Pattern PREFIX =
      Pattern.compile("(?=.{2," + MAX_PREFIX_CHARS + "}$)[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_");

  /// Checks both; throws [IllegalArgumentException] that says what they must be.
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

  /// The form of a key. Its checksum may be wrong or missing.
  public SecretForm secretForm() {
    return SecretForm.base62(prefix);
  }

  /// The default prefix, in that realm.
  public static ApiKeySettings inRealm(String realm) {
    return new ApiKeySettings(DEFAULT_PREFIX, realm);
  }
}
