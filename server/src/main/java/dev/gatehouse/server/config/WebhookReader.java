package dev.gatehouse.server.config;

import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.SignatureKeys;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the webhooks of all routes of one file: a name belongs to one vendor.
final class WebhookReader {

  private final Map<String, Webhook.Vendor> vendors = new HashMap<>();
  private final Problems problems;

  WebhookReader(Problems problems) {
    this.problems = problems;
  }

  /// The webhook; empty, with a problem, when something is missing or wrong.
  Optional<Webhook> read(Section section) {
    Optional<Webhook.Vendor> vendor =
        section
            .required("this webhook", "vendor", "vendor: github")
            .flatMap(node -> Section.parsed(node, "'vendor'", WebhookReader::vendor, problems));
    Optional<Node> nameNode = section.required("this webhook", "name", "name: payments");
    Optional<String> name =
        nameNode.flatMap(
            node -> Section.parsed(node, "'name'", WebhookReader::webhookName, problems));
    section.refuseUnknown();
    if (vendor.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    Webhook.Vendor first = vendors.putIfAbsent(name.get(), vendor.get());
    if (first != null && first != vendor.get()) {
      problems.add(
          nameNode.get(),
          "the webhook '" + name.get() + "' is one of " + first.id() + " on another route",
          "give it another name: a secret is of one vendor's form");
    }
    return Optional.of(new Webhook(vendor.get(), name.get()));
  }

  private static Webhook.Vendor vendor(String text) {
    for (Webhook.Vendor vendor : Webhook.Vendor.values()) {
      if (vendor.id().equals(text)) {
        return vendor;
      }
    }
    throw new IllegalArgumentException(
        "is no vendor that the gate knows: write github, stripe, slack or standard");
  }

  private static String webhookName(String text) {
    if (!SignatureKeys.WEBHOOK_NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is no name: write up to 64 small letters, digits, '-', '_' and '.', as payments");
    }
    return text;
  }
}
