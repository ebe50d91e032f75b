package dev.gatehouse.password;

import dev.gatehouse.account.Accounts;
import java.util.Optional;

/// A text that can be the name or the e-mail address with which a person signs in, in the form in
/// which accounts store it. Immutable.
public final class SignInName {

  // RFC 5321 §4.5.3.1.3 leaves 254 characters for an e-mail address. This counts code points of the
  // form that accounts store.
  private static final int MAX_NAME_CHARS = 254;

  private final String folded;

  private SignInName(String folded) {
    this.folded = folded;
  }

  /// Parses untrusted text; empty if no account can have that name.
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

  /// Returns the form in which accounts store it.
  public String folded() {
    return folded;
  }

  /// Contains nothing of the name: people sometimes type their password into its field.
  @Override
  public String toString() {
    return "SignInName[…]";
  }
}
