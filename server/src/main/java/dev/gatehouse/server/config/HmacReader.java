package dev.gatehouse.server.config;

import dev.gatehouse.hmac.aws.AwsSettings;
import dev.gatehouse.hmac.message.MessageSignatureSettings;
import dev.gatehouse.hmac.webhook.WebhookSettings;
import dev.gatehouse.replay.ReplayStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the settings of the method `hmac`.
final class HmacReader {

  private static final int MAX_SIGNED_BODY_BYTES = 16 << 20;

  private final Problems problems;

  HmacReader(Problems problems) {
    this.problems = problems;
  }

  MethodsConfig.Hmac read(Section section) {
    MethodsConfig.Hmac otherwise = MethodsConfig.Hmac.DEFAULT;
    MethodsConfig.Hmac read =
        new MethodsConfig.Hmac(
            section.duration(
                "window", otherwise.window(), Duration.ofSeconds(1), Duration.ofHours(1)),
            Math.toIntExact(
                section
                    .size("bodyBytes", 1, MAX_SIGNED_BODY_BYTES)
                    .orElse((long) otherwise.maxBodyBytes())),
            LimitsReader.bodyMemory(section, otherwise.bodyMemory()),
            uses(section, otherwise.uses().all()),
            section
                .section("messageSignatures")
                .map(this::messageSignatures)
                .orElse(otherwise.messageSignatures()),
            section.section("aws").flatMap(this::aws),
            section.section("webhooks").map(HmacReader::webhooks).orElse(otherwise.webhooks()));
    section.refuseUnknown();
    // One address gets at most half of the memory.
    if (read.bodyMemory() < 2L * read.maxBodyBytes()) {
      problems.add(
          section.node(),
          "'bodyMemory' is less than twice 'bodyBytes', and one address gets at most half of it",
          "make it at least " + 2L * read.maxBodyBytes());
    }
    return read;
  }

  private static ReplayStore.Limits uses(Section section, int otherwise) {
    int all = section.integer("uses", otherwise, 1_000, 100_000_000);
    int half = ReplayStore.Limits.of(all).perHolder();
    return new ReplayStore.Limits(all, section.integer("usesPerKey", half, 1, half));
  }

  private Optional<AwsSettings> aws(Section section) {
    for (String key : List.of("region", "service")) {
      if (section.keys().stream().noneMatch(there -> there.getValue().equals(key))) {
        problems.add(
            section.node(),
            "'aws' has no '" + key + "'",
            "add " + (key.equals("region") ? "region: eu-central-1" : "service: orders"));
      }
    }
    Optional<String> region =
        section.parsed("region", text -> new AwsSettings(text, "service").region());
    Optional<String> service =
        section.parsed("service", text -> new AwsSettings("region", text).service());
    section.refuseUnknown();
    return region.isPresent() && service.isPresent()
        ? Optional.of(new AwsSettings(region.get(), service.get()))
        : Optional.empty();
  }

  private static WebhookSettings webhooks(Section section) {
    WebhookSettings read =
        new WebhookSettings(
            section.duration(
                "untimedMemory",
                WebhookSettings.DEFAULT.untimedEventRetention(),
                Duration.ofMinutes(1),
                Duration.ofDays(7)));
    section.refuseUnknown();
    return read;
  }

  private MessageSignatureSettings messageSignatures(Section section) {
    MessageSignatureSettings otherwise = MessageSignatureSettings.defaults();
    List<String> components = new ArrayList<>();
    for (Node node : section.list("components")) {
      Section.text(node, "a component", problems).ifPresent(components::add);
    }
    boolean nonceRequired = section.flag("nonceRequired", otherwise.nonceRequired());
    String label = section.parsed("label", text -> text).orElse(otherwise.label());
    String tag = section.parsed("tag", text -> text).orElse(otherwise.tag());
    section.refuseUnknown();
    try {
      return new MessageSignatureSettings(
          components.isEmpty() ? otherwise.components() : components, nonceRequired, label, tag);
    } catch (IllegalArgumentException wrong) {
      problems.add(
          section.node(),
          "'messageSignatures': " + wrong.getMessage(),
          "write components: [\"@method\", \"@target-uri\"] and more");
      return otherwise;
    }
  }
}
