package dev.gatehouse.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads a CORS policy: which pages of other origins may call.
final class CorsReader {

  // RFC 9110 §5.6.2
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  // An origin with another scheme than http and https, as the pages of a browser extension have.
  private static final Pattern OTHER_ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://[A-Za-z0-9._-]+(:[0-9]{1,5})?");

  private static final Duration MAX_PREFLIGHT_AGE = Duration.ofHours(24);

  private final Problems problems;

  CorsReader(Problems problems) {
    this.problems = problems;
  }

  CorsConfig read(Section cors) {
    List<String> origins = new ArrayList<>();
    if (cors.keys().stream().noneMatch(key -> key.getValue().equals("origins"))) {
      problems.add(
          cors.node(), "'cors' has no 'origins'", "add origins: [https://app.example.com]");
    }
    for (Node node : cors.list("origins")) {
      Section.parsed(node, "an origin", CorsReader::corsOrigin, problems).ifPresent(origins::add);
    }
    CorsConfig read =
        new CorsConfig(
            origins,
            fieldNames(cors, "headers"),
            fieldNames(cors, "exposed"),
            cors.flag("credentials", false),
            cors.duration("maxAge", CorsConfig.DEFAULT_MAX_AGE, Duration.ZERO, MAX_PREFLIGHT_AGE));
    cors.refuseUnknown();
    return read;
  }

  private List<String> fieldNames(Section cors, String key) {
    List<String> names = new ArrayList<>();
    for (Node node : cors.list(key)) {
      Section.parsed(
              node,
              Section.item(node, key),
              text -> {
                if (text.equals("*") || !TOKEN.matcher(text).matches()) {
                  throw new IllegalArgumentException(
                      "is no field name: name each field, as in Content-Type");
                }
                return text;
              },
              problems)
          .ifPresent(names::add);
    }
    return names;
  }

  private static String corsOrigin(String text) {
    boolean web = text.startsWith("https:") || text.startsWith("http:");
    return !web && OTHER_ORIGIN.matcher(text).matches() ? text : ValueParsers.origin(text);
  }
}
