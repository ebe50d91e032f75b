package dev.gatehouse.password;

import dev.gatehouse.account.Accounts;
import java.util.Optional;

/// A text that can be the name or the e-mail address with which a person signs in, in the one form
/// in which accounts keep it.
public final class SignInName {

  // RFC 5321 §4.5.3.1.3 leaves an e-mail address 254 characters between its brackets. Counted are
  // the code points of the form that accounts keep.
  private static final int MAX_NAME_CHARS = 254;

  private final String folded;

  private SignInName(String folded) {
    this.folded = folded;
  }

  /// Reads untrusted text; empty when no account can be called so.
  public static Optional<SignInName> parse(String untrusted) {
    if (untrusted.isEmpty()) {
      return Optional.empty();
    }
    for (int i = 0; i < untrusted.length(); i += Character.charCount(untrusted.codePointAt(i))) {
      int type = Character.getType(untrusted.codePointAt(i));
      if (type == Character.CONTROL || type == Character.SURROGATE) {
        return Optional.empty();
      }
    }
    return Accounts.folded(untrusted)
        .filter(folded -> folded.codePointCount(0, folded.length()) <= MAX_NAME_CHARS)
        .map(SignInName::new);
  }

  /// The form in which accounts keep it.
  public String folded() {
    return folded;
  }

  /// Prints nothing of it: people type passwords into the wrong field.
  @Override
  public String toString() {
    return "SignInName[…]";
  }
}
