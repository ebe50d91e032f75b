package dev.gatehouse.oauth;

import dev.gatehouse.secret.RandomIds;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/// Chooses the names of new accounts and links for people who sign in with a provider.
final class NewAccountNames {

  private static final int MAX_LABEL_CHARS = 100;
  // Together with two dashes and the random characters, these are no more than the 64 characters of
  // a name.
  private static final int MAX_STEM_CHARS = 32;
  private static final int MAX_PROVIDER_CHARS = 20;
  private static final int RANDOM_CHARS = 8;

  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^a-z0-9]+");
  private static final Pattern DOTS_AROUND = Pattern.compile("^\\.+|\\.+$");

  private NewAccountNames() {}

  /// Returns a name for a new account. It consists of the person's label, or else of the verified
  /// e-mail address, and of the provider. It never equals a name that an administrator chose:
  /// somebody who is called `admin` at GitHub becomes `admin-github`.
  static String name(VerifiedIdentity who) {
    String stem = stem(beforeAt(visible(who.label())), MAX_STEM_CHARS);
    if (stem.isEmpty()) {
      stem =
          VerifiedEmail.of(who)
              .map(email -> stem(beforeAt(email.address()), MAX_STEM_CHARS))
              .orElse("");
    }
    String provider = stem(who.provider(), MAX_PROVIDER_CHARS);
    return (stem.isEmpty() ? "person" : stem) + "-" + (provider.isEmpty() ? "oauth" : provider);
  }

  /// Returns that name with random characters, so that it differs from all others.
  static String another(String name) {
    return name + "-" + RandomIds.text(RANDOM_CHARS).toLowerCase(Locale.ROOT);
  }

  /// Returns the label of a link: the visible characters of the provider's label.
  static String label(VerifiedIdentity who) {
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
    String dotted = trimmed(NOT_ALPHANUMERIC.matcher(plain).replaceAll("."));
    return trimmed(dotted.substring(0, Math.min(most, dotted.length())));
  }

  private static String trimmed(String dotted) {
    return DOTS_AROUND.matcher(dotted).replaceAll("");
  }

  // People see this text. It must not contain characters that control a terminal or a page, or that
  // reverse the text around it.
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    int count = 0;
    for (int i = 0; i < text.length() && count < MAX_LABEL_CHARS; ) {
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
