package dev.gatehouse.password;

import dev.gatehouse.account.UntrustedText;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Names and passwords.
public final class PasswordTargets {

  private PasswordTargets() {}

  /// A password. The form in which it is hashed is its own form.
  public static void password(byte[] input) {
    PresentedPassword.parse(Inputs.utf8(input))
        .ifPresent(
            password ->
                Holds.that(
                    PresentedPassword.parse(new String(password.bytes(), StandardCharsets.UTF_8))
                        .filter(password::equals)
                        .isPresent(),
                    "the form is its own form"));
  }

  /// A name. The form in which accounts keep it is its own form.
  public static void signInName(byte[] input) {
    String text = Inputs.utf8(input);
    Holds.equal(UntrustedText.lowerCase(text), text.toLowerCase(Locale.ROOT));
    SignInName.parse(text)
        .ifPresent(
            name ->
                Holds.equal(
                    SignInName.parse(name.folded()).map(SignInName::folded).orElse(null),
                    name.folded()));
  }
}
