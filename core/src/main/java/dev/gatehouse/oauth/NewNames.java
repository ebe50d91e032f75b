package dev.gatehouse.oauth;

import dev.gatehouse.secret.RandomIds;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/// What people who come from a provider are called here.
final class NewNames {

  private static final int MAX_LABEL = 100;
  // Together with two dashes and what is random, no more than the 64 characters of a name.
  private static final int MAX_STEM = 32;
  private static final int MAX_PROVIDER = 20;
  private static final int RANDOM_CHARS = 8;

  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern OTHER = Pattern.compile("[^a-z0-9]+");
  private static final Pattern DOTS_AROUND = Pattern.compile("^\\.+|\\.+$");

  private NewNames() {}

  /// A name for the account of somebody unknown: of their label, or else of their verified e-mail
  /// address, and of the provider. Nobody whom an administrator named is called so: who calls
  /// themselves `admin` at a provider is `admin-github` here.
  static String name(ProvenIdentity who) {
    String stem = stem(beforeAt(visible(who.label())), MAX_STEM);
    if (stem.isEmpty()) {
      stem =
          VerifiedEmail.of(who).map(email -> stem(beforeAt(email.address()), MAX_STEM)).orElse("");
    }
    String provider = stem(who.provider(), MAX_PROVIDER);
    return (stem.isEmpty() ? "person" : stem) + "-" + (provider.isEmpty() ? "oauth" : provider);
  }

  /// That name, made different from any other.
  static String another(String name) {
    return name + "-" + RandomIds.text(RANDOM_CHARS).toLowerCase(Locale.ROOT);
  }

  /// The label of a link: of one that a provider tells, what is visible.
  static String label(ProvenIdentity who) {
    String label = visible(who.label());
    return label.isEmpty() ? visible(who.subject()) : label;
  }

  private static String beforeAt(String text) {
    int at = text.indexOf('@');
    return at < 0 ? text : text.substring(0, at);
  }

  private static String stem(String text, int most) {
    String plain =
        MARKS
            .matcher(Normalizer.normalize(text, Normalizer.Form.NFKD))
            .replaceAll("")
            .toLowerCase(Locale.ROOT);
    String dotted = trimmed(OTHER.matcher(plain).replaceAll("."));
    return trimmed(dotted.substring(0, Math.min(most, dotted.length())));
  }

  private static String trimmed(String dotted) {
    return DOTS_AROUND.matcher(dotted).replaceAll("");
  }

  // It is shown to people: nothing that could move their terminal or their page, or turn round the
  // text beside it.
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    int count = 0;
    for (int i = 0; i < text.length() && count < MAX_LABEL; ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      count++;
      switch (Character.getType(codePoint)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.PRIVATE_USE,
            Character.UNASSIGNED,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR -> {}
        case Character.SPACE_SEPARATOR -> visible.append(' ');
        default -> visible.appendCodePoint(codePoint);
      }
    }
    return visible.toString().strip();
  }
}
