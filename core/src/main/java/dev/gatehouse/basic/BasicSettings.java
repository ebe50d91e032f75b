package dev.gatehouse.basic;

/// Settings of the method.
///
/// @param realm named in challenges (RFC 7617 §2)
public record BasicSettings(String realm) {

  /// Checks it; throws [IllegalArgumentException] that says what it must be.
  public BasicSettings {
    if (realm.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
      throw new IllegalArgumentException("a realm holds nothing but visible ASCII and spaces");
    }
  }
}
