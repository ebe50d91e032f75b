package dev.gatehouse.server.config;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `ends`: for which methods a route announces that they will end.
final class EndsReader {

  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

  // The years that an HTTP-date can express (RFC 9110 §5.6.7) and that are plausible.
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final int MAX_LINK = 2_000;
  // Visible ASCII without the characters that end the target of a link (RFC 8288 §3).
  private static final Pattern LINK = Pattern.compile("[!-;=?-~]+");

  private final Problems problems;

  EndsReader(Problems problems) {
    this.problems = problems;
  }

  /// The announced ends, by method.
  ///
  /// @param route the name of the route in reports
  /// @param accepted the methods that the route accepts
  Map<Method, Deprecation> read(Node node, String route, Set<Method> accepted) {
    Section ends = Section.of(node, "'ends'", problems);
    Map<Method, Deprecation> read = new EnumMap<>(Method.class);
    for (ScalarNode key : ends.keys()) {
      Optional<Node> announced = ends.take(key.getValue());
      Optional<Method> method = MethodNames.known(key, problems);
      if (method.isPresent() && !accepted.contains(method.get())) {
        problems.add(
            key,
            "'ends' names " + method.get() + ", which the route does not accept",
            "remove it, or accept the method as long as it works");
      }
      announced
          .flatMap(
              value -> ending(Section.of(value, Problems.quoted(key.getValue()), problems), route))
          .ifPresent(ending -> method.ifPresent(known -> read.put(known, ending)));
    }
    if (node instanceof MappingNode && ends.keys().isEmpty()) {
      problems.add(
          node, "'ends' is empty", "remove it, or write basic: { deprecated: 2027-01-31 }");
    }
    return read;
  }

  private Optional<Deprecation> ending(Section section, String route) {
    if (section.node() instanceof MappingNode
        && section.keys().stream().noneMatch(key -> key.getValue().equals("deprecated"))) {
      problems.add(section.node(), "this ending has no 'deprecated'", "add deprecated: 2027-01-31");
    }
    Optional<Instant> deprecated = section.parsed("deprecated", EndsReader::time);
    Optional<Node> sunsetNode = section.take("sunset");
    Optional<Instant> sunset =
        sunsetNode.flatMap(node -> Section.parsed(node, "'sunset'", EndsReader::time, problems));
    Optional<URI> link = section.parsed("link", EndsReader::link);
    section.refuseUnknown();
    if (deprecated.isEmpty()) {
      return Optional.empty();
    }
    if (sunset.isPresent() && sunset.get().isBefore(deprecated.get())) {
      problems.add(
          sunsetNode.orElseThrow(),
          "'sunset' is before 'deprecated'", // RFC 9745 §4
          "a method is announced to end first, and ends then");
      return Optional.empty();
    }
    return Optional.of(
        new Deprecation(route, deprecated.get(), sunset.orElse(null), link.orElse(null)));
  }

  private static Instant time(String text) {
    Instant time;
    try {
      time =
          DATE.matcher(text).matches()
              ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
              : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "is no time: write 2027-01-31 (its beginning, UTC) or 2027-01-31T12:00:00Z", e);
    }
    if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
      throw new IllegalArgumentException("lies outside the years 2000 to 9999: correct it");
    }
    return time;
  }

  private static URI link(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is no URL: write it as in https://docs.example.com/moving", e);
    }
    if (!"https".equals(uri.getScheme()) || uri.getHost() == null || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "is no https URL of a page: write it as in https://docs.example.com/moving");
    }
    if (text.length() > MAX_LINK || !LINK.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is not of at most " + MAX_LINK + " ASCII characters: encode the others in percent");
    }
    return uri;
  }
}
