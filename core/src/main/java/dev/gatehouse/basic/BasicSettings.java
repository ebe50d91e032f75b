package dev.gatehouse.basic;

/// The settings of Basic. Immutable.
///
/// @param realm the realm in challenges (RFC 7617 §2)
public record BasicSettings(String realm) {

  /// Throws [IllegalArgumentException] if the realm contains anything but printable ASCII.
  public BasicSettings {
    if (realm.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
      throw new IllegalArgumentException("a realm holds nothing but visible ASCII and spaces");
    }
  }
}
