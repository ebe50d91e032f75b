package dev.gatehouse.server.choose;

/// A question of the tree with the answers yes and no. The first question, who calls, has other
/// answers: [Caller].
public enum Question {
  PERSON(
      "person",
      "Must your API know the person behind a call?",
      "Say yes where it shows each person their own things. A program may act for itself, or for the"
          + " person who owns its key."),
  INSTANT_REVOCATION(
      "instant-revocation",
      "Must what you revoke be refused at once, everywhere?",
      "The gate itself refuses it within a second, whatever the method. Say yes where others verify"
          + " what it issued, and a quarter of an hour would be too long."),
  STATELESS(
      "stateless",
      "Must servers do without state for each sign-in?",
      "A session is a row in the gate's database. Say yes where what is called has to verify by keys"
          + " alone: in many regions, offline, or by others.");

  /// The first question.
  public static final String WHO = "Who calls your API?";

  private final String id;
  private final String words;
  private final String explanation;

  Question(String id, String words, String explanation) {
    this.id = id;
    this.words = words;
    this.explanation = explanation;
  }

  /// Its name in flags and forms.
  public String id() {
    return id;
  }

  /// The text of the question.
  public String words() {
    return words;
  }

  /// A sentence for people who are not sure.
  public String explanation() {
    return explanation;
  }
}
