package dev.gatehouse;

/// Who is calling, the same for all seven methods.
///
/// The subject and the credential are visible ASCII, so that fields, tokens and logs all show the
/// same text. A foreign name is escaped where the principal is made ([dev.gatehouse.oauth]).
///
/// @param subject an opaque local id; or `issuer|sub`, which can never equal a local one
/// @param method how the caller proved it
/// @param credential the public id of the credential that it was proved with
/// @param scopes what the caller may do
public record Principal(String subject, Method method, String credential, Scopes scopes) {

  /// Throws [IllegalArgumentException] where the subject or the credential is no visible ASCII.
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
