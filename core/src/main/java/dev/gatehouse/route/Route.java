package dev.gatehouse.route;

import dev.gatehouse.Policy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A part of the API and what it asks of its callers.
///
/// @param host the host that it is for, in lower case and without a port; null: any
/// @param path a prefix on segment boundaries: `/orders` is for `/orders` and `/orders/7`, not for
///   `/orders2`; the segment `*` is for any one segment. Written as a person reads it, without
///   percent-encodings: `/@admin` is also for `/%40admin`
/// @param destination what the server does with an admitted request; the core does not look at it
public record Route<T>(
    @Nullable String host, String path, Policy policy, CorsPolicy cors, T destination) {

  // What RequestPath lets through in no form, what ends a path, and what begins an encoding.
  private static final String UNMATCHABLE_CHARS = "\\;?#%";
  private static final Pattern DOT_SEGMENT = Pattern.compile("/\\.\\.?(/|$)");
  private static final Pattern HOST_PATTERN =
      Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");

  /// Checks the path; throws [IllegalArgumentException] that says what is wrong.
  public Route {
    if (!path.startsWith("/") || path.contains("//")) {
      throw new IllegalArgumentException(
          "the path '" + path + "' must begin with a slash and hold no empty segment");
    }
    if (path.chars().anyMatch(c -> c < 0x20 || c == 0x7f || UNMATCHABLE_CHARS.indexOf(c) >= 0)
        || DOT_SEGMENT.matcher(path).find()) {
      throw new IllegalArgumentException(
          "the path '"
              + path
              + "' can match no request: it holds a control character, one of "
              + UNMATCHABLE_CHARS
              + ", or a dot segment; write characters as they are, not percent-encoded");
    }
    if (host != null) {
      host = host.toLowerCase(Locale.ROOT);
      if (host.isEmpty() || !HOST_PATTERN.matcher(host).matches()) {
        throw new IllegalArgumentException(
            "'" + host + "' is no host: write api.example.com, without a scheme, port or path");
      }
    }
  }

  /// The segments of the path; none for `/`.
  List<String> segments() {
    String trimmed = path.substring(1);
    if (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed.isEmpty() ? List.of() : Arrays.asList(trimmed.split("/", -1));
  }
}
