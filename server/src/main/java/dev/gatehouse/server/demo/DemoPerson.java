package dev.gatehouse.server.demo;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The people whom the demo's provider knows. They have no passwords: the person at the browser
/// chooses one of them.
public enum DemoPerson {
  /// Has an account at the gate.
  ALICE("Alice", "alice@example.com", "has an account at the gate"),

  /// Has none yet.
  BOB("Bob", "bob@example.com", "the gate does not know him yet"),

  /// Has none yet, and told the provider no address.
  CAROL("Carol", null, "has no e-mail address");

  private final String label;
  private final @Nullable String email;
  private final String remark;

  DemoPerson(String label, @Nullable String email, String remark) {
    this.label = label;
    this.email = email;
    this.remark = remark;
  }

  /// By whom tokens name this person, and the page's button does. It never changes.
  public String subject() {
    return "demo-" + label.toLowerCase(java.util.Locale.ROOT);
  }

  /// As people know this person.
  public String label() {
    return label;
  }

  /// The e-mail address, which counts as verified.
  Optional<String> email() {
    return Optional.ofNullable(email);
  }

  /// What the page says beside the name.
  String remark() {
    return remark;
  }

  static Optional<DemoPerson> of(@Nullable String subject) {
    return Arrays.stream(values()).filter(one -> one.subject().equals(subject)).findFirst();
  }
}
