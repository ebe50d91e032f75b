package dev.gatehouse.secret;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.List;

/// Secrets in the texts of strangers.
public final class SecretTargets {

  private static final SecretForm FORM = SecretForm.base62("rt_");
  private static final OwnSecrets SECRETS = new OwnSecrets(List.of(FORM));

  private SecretTargets() {}

  /// A text that may hold secrets.
  public static void text(byte[] input) {
    String text = Inputs.latin1(input);
    boolean found = SECRETS.isIn(text);
    Holds.that(!found || SECRETS.mayBeIn(text), "what is a secret may be one");
    Holds.that(!FORM.matches(text) || found, "a secret is found");
    String decoded = LenientPercentEncoding.decoded(text);
    Holds.equal(LenientPercentEncoding.decoded(decoded), decoded);
    Holds.equal(LoggedText.of(LoggedText.of(text)), LoggedText.of(text));
    Holds.equal(LoggedPath.of(LoggedPath.of(text)), LoggedPath.of(text));
  }
}
