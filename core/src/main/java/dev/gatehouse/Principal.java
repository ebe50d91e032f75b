package dev.gatehouse;

/// The authenticated caller, in the same form for all seven methods. Immutable.
///
/// The subject and the credential are printable ASCII without spaces, so that fields, tokens and
/// logs show the same text. A name of another issuer is escaped before ([dev.gatehouse.oauth]).
///
/// @param subject an opaque local id; or `issuer|sub`, which is never equal to a local id
/// @param method the method that proved the caller
/// @param credential the public id of the credential that proved the caller
/// @param scopes what the caller may do
public record Principal(String subject, Method method, String credential, Scopes scopes) {

  /// Throws [IllegalArgumentException] if the subject or the credential contains anything but
  /// printable ASCII without spaces.
  public Principal {
    if (!isVisibleAscii(subject) || !isVisibleAscii(credential)) {
      throw new IllegalArgumentException("a subject and a credential are visible ASCII");
    }
  }

  private static boolean isVisibleAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= 0x20 || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return true;
  }
}
