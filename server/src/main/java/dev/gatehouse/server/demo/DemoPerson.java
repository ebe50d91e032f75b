package dev.gatehouse.server.demo;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The people whom the demo's provider knows. They have no passwords: the person at the browser
/// chooses one of them.
public enum DemoPerson {
  /// Has an account at the gate.
  ALICE("Alice", "alice@example.com", "has an account at the gate"),

  /// Has no account at the gate.
  BOB("Bob", "bob@example.com", "the gate does not know him yet"),

  /// Has no account at the gate, and no e-mail address at the provider.
  CAROL("Carol", null, "has no e-mail address");

  private final String label;
  private final @Nullable String email;
  private final String remark;

  DemoPerson(String label, @Nullable String email, String remark) {
    this.label = label;
    this.email = email;
    this.remark = remark;
  }

  /// The subject of tokens, and the value of the page's button. It never changes.
  public String subject() {
    return "demo-" + label.toLowerCase(java.util.Locale.ROOT);
  }

  /// The name of the person.
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
