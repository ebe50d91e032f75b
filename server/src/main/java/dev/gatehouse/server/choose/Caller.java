package dev.gatehouse.server.choose;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A kind of caller of an API. It answers the first question of the tree, which may have several
/// answers.
public enum Caller {
  PROGRAMS(
      "other developers' programs",
      "Scripts, servers and integrations of customers and partners, which run unattended."),
  PAGE(
      "a page that your server renders",
      "HTML comes from your server, and its forms and links lead back there."),
  APP(
      "a single-page or mobile app, with accounts of your own",
      "Its code runs at the person's, and people have a password with you."),
  ELSEWHERE(
      "people with an account elsewhere, or whose data lives there",
      "They sign in with GitHub, Google or their company; or your API reads what they keep there."),
  WEBHOOKS(
      "a vendor's webhooks", "GitHub, Stripe, Slack and others send you events, which they sign."),
  SERVICES("your own services", "Programs that you run and can give a key or a certificate."),
  TOOLS(
      "tools that know only a name and a password",
      "Calendars, package managers, old devices: you can't change how they sign in.");

  private final String words;
  private final String explanation;

  Caller(String words, String explanation) {
    this.words = words;
    this.explanation = explanation;
  }

  /// By which flags and forms name it.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Who it is, without a full stop, in small letters.
  public String words() {
    return words;
  }

  /// Who it is, as the beginning of a line.
  public String title() {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  /// A sentence for people who are not sure.
  public String explanation() {
    return explanation;
  }

  /// Whether it acts for people who sign in.
  boolean isPeople() {
    return switch (this) {
      case PAGE, APP, ELSEWHERE, TOOLS -> true;
      case PROGRAMS, WEBHOOKS, SERVICES -> false;
    };
  }

  /// The one with that id; empty when there is none.
  public static Optional<Caller> of(String id) {
    return Arrays.stream(values()).filter(caller -> caller.id().equals(id)).findFirst();
  }
}
