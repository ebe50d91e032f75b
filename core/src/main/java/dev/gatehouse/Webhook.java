package dev.gatehouse;

/// Whose signed events a route takes.
///
/// @param vendor whose way of signing they follow
/// @param name under which the secrets are kept: one vendor may send to several routes, each with
///   secrets of its own
public record Webhook(Vendor vendor, String name) {

  /// Who signs events, each in a way of its own.
  public enum Vendor {
    GITHUB("github"),
    STRIPE("stripe"),
    SLACK("slack"),
    /// Whoever follows the specification of that name.
    STANDARD("standard");

    private final String id;

    Vendor(String id) {
      this.id = id;
    }

    /// The name that configuration uses.
    public String id() {
      return id;
    }
  }
}
