package dev.gatehouse;

/// The sender whose signed events a route accepts. Immutable.
///
/// @param vendor the vendor whose signature format they use
/// @param name the name under which the secrets are stored. One vendor may send to several routes,
///   each with its own secrets
public record Webhook(Vendor vendor, String name) {

  /// The supported formats of signed events.
  public enum Vendor {
    GITHUB("github"),
    STRIPE("stripe"),
    SLACK("slack"),
    /// All senders that follow the Standard Webhooks specification.
    STANDARD("standard");

    private final String id;

    Vendor(String id) {
      this.id = id;
    }

    /// Returns the name in the configuration.
    public String id() {
      return id;
    }
  }
}
