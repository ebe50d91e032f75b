package dev.gatehouse.secret;

import java.util.Arrays;
import java.util.List;

/// Recognises the gate's own secrets, so that none of them is sent to another system (an issuer, a
/// provider or an upstream), and none is taken as a secret of another kind.
///
/// Recognised is what has a [SecretForm], whether or not such a secret was ever issued. A checksum
/// is not compared: what differs from a key by one character is nearly the key. Percent-encodings
/// are read, also of letters and also those that were encoded more than once; no other encoding is
/// (such as Base64). Passwords, and secrets that others made, have no form and are not recognised.
/// Allocates nothing, except for a text that percent-encodes a character of tokens. Takes time in
/// proportion to the text; does not block; thread-safe.
public final class OwnSecrets {

  /// Recognises nothing.
  public static final OwnSecrets NONE = new OwnSecrets(List.of());

  private enum Search {
    TEXT {
      @Override
      boolean finds(SecretForm form, String text, int prefixEnd) {
        return form.isBefore(text, prefixEnd);
      }
    },
    PAGE_QUERY {
      @Override
      boolean finds(SecretForm form, String text, int prefixEnd) {
        return !form.forPages() && form.isBefore(text, prefixEnd);
      }
    },
    TOKEN {
      @Override
      boolean finds(SecretForm form, String text, int prefixEnd) {
        return form.isBefore(text, prefixEnd) || form.isNearlyBefore(text, prefixEnd);
      }
    };

    abstract boolean finds(SecretForm form, String text, int prefixEnd);
  }

  private static final int MAX_SINGLE_DECODINGS = 4;

  private final SecretForm[] forms;

  /// Recognises secrets of these forms.
  public OwnSecrets(List<SecretForm> forms) {
    this.forms = forms.toArray(SecretForm[]::new);
  }

  /// Recognises secrets of the same forms but that one.
  public OwnSecrets without(SecretForm form) {
    return new OwnSecrets(Arrays.stream(forms).filter(other -> !other.equals(form)).toList());
  }

  /// Whether the text is such a secret, or holds one as a word of its own. Up to 2 characters may
  /// be missing at its end, and up to 7 may be added. A letter, digit or underscore may not stand
  /// before it, since the prefix may be the end of another word. Behind it may stand hyphens and
  /// underscores, but no letter or digit behind those.
  public boolean isIn(String text) {
    return isIn(text, Search.TEXT);
  }

  /// The same for the query of a page to which the gate leads a browser: what the gate itself puts
  /// there ([SecretForm#forPages]) does not count.
  public boolean isInPageQuery(String text) {
    return isIn(text, Search.PAGE_QUERY);
  }

  /// The same for a token of which its issuer would be asked, where a false refusal costs little.
  /// Up to 7 characters may be missing at the end, any number may be added, anything may stand
  /// behind, and up to 16 letters, digits, hyphens and underscores may stand before.
  public boolean mayBeIn(String token) {
    return isIn(token, Search.TOKEN);
  }

  private boolean isIn(String text, Search search) {
    // After each decoding, since the next one may take the first characters of a secret for the
    // digits of a percent sign that stands before it.
    String level = text;
    for (int decodings = 0; decodings <= MAX_SINGLE_DECODINGS; decodings++) {
      if (isWritten(level, search)) {
        return true;
      }
      if (!LenientPercentEncoding.hidesTokenChar(level)) {
        return false;
      }
      level = LenientPercentEncoding.decodedOnce(level);
    }
    return isWritten(LenientPercentEncoding.decoded(level), search);
  }

  private boolean isWritten(String text, Search search) {
    for (int at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
      for (SecretForm form : forms) {
        if (search.finds(form, text, at + 1)) {
          return true;
        }
      }
    }
    return false;
  }
}
