package dev.gatehouse.secret;

import java.util.List;

/// Recognises the gate's own secrets, so that none of them is sent to another system: an issuer, a
/// provider or an upstream.
///
/// Recognised is what has a [SecretForm], whether or not such a secret was ever issued. A checksum
/// is not compared: what differs from a key by one character is nearly the key. Passwords, and
/// secrets that others made, have no form and are not recognised. Allocates nothing; does not
/// block; thread-safe.
public final class OwnSecrets {

  /// Recognises nothing.
  public static final OwnSecrets NONE = new OwnSecrets(List.of());

  private final SecretForm[] forms;

  /// Recognises secrets of these forms.
  public OwnSecrets(List<SecretForm> forms) {
    this.forms = forms.toArray(SecretForm[]::new);
  }

  /// Whether the text is such a secret, or holds one between other characters than those of tokens.
  /// A percent-encoded character, whichever it is, is none of those; the underscores of a prefix
  /// may be percent-encoded too.
  public boolean isIn(String text) {
    return isIn(text, true);
  }

  /// The same for a text that is a part of an address: what the gate itself puts into addresses
  /// ([SecretForm#inLinks]) does not count.
  public boolean isInAddress(String text) {
    return isIn(text, false);
  }

  private boolean isIn(String text, boolean links) {
    for (int at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
      if (isBefore(text, at + 1, links)) {
        return true;
      }
    }
    for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
      int end = SecretForm.encodedUnderscoreEnd(text, at);
      if (end >= 0 && isBefore(text, end, links)) {
        return true;
      }
    }
    return false;
  }

  private boolean isBefore(String text, int prefixEnd, boolean links) {
    for (SecretForm form : forms) {
      if ((links || !form.inLinks()) && form.isBefore(text, prefixEnd)) {
        return true;
      }
    }
    return false;
  }
}
