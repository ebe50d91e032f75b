package dev.gatehouse.secret;

import java.util.Arrays;
import java.util.List;

/// Recognizes the gate's own secrets, so that none is sent to another system (an issuer, a provider
/// or an upstream) or accepted as a secret of another kind.
///
/// A text is recognized by its [SecretForm], whether or not such a secret was ever issued.
/// Checksums are not compared: a text that differs from a key by one character still reveals most
/// of it. Percent-encodings are decoded, also those of letters and repeated ones. Other encodings,
/// such as Base64, are not. Passwords and secrets that others made have no form and are not
/// recognized. Allocates nothing, except for a text that percent-encodes a character of tokens.
/// Takes linear time; does not block; thread-safe.
public final class OwnSecrets {

  /// Recognizes nothing.
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

  /// Recognizes secrets of these forms.
  public OwnSecrets(List<SecretForm> forms) {
    this.forms = forms.toArray(SecretForm[]::new);
  }

  /// Returns what recognizes the same forms except that one.
  public OwnSecrets without(SecretForm form) {
    return new OwnSecrets(Arrays.stream(forms).filter(other -> !other.equals(form)).toList());
  }

  /// Whether the text is such a secret, or contains one as a separate word. Up to 2 characters may
  /// be missing at its end, and up to 7 may be added. It must not follow a letter, digit or
  /// underscore, since its prefix may be the end of another word. It may be followed by hyphens and
  /// underscores, but not by a letter or digit after those.
  public boolean isIn(String text) {
    return isIn(text, Search.TEXT);
  }

  /// As [#isIn], for the query of a page to which the gate redirects a browser. Secrets that the
  /// gate itself puts there ([SecretForm#forPages]) are ignored.
  public boolean isInPageQuery(String text) {
    return isIn(text, Search.PAGE_QUERY);
  }

  /// As [#isIn], for a token about which its issuer would be asked. A false refusal costs little
  /// here: up to 7 characters may be missing at the end, any number may be added, anything may
  /// follow, and up to 16 letters, digits, hyphens and underscores may precede.
  public boolean mayBeIn(String token) {
    return isIn(token, Search.TOKEN);
  }

  private boolean isIn(String text, Search search) {
    // Search after each decoding, since the next one may read the first characters of a secret as
    // the digits of a preceding percent sign.
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
