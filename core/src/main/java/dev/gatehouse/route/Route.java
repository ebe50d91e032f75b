package dev.gatehouse.route;

import dev.gatehouse.Policy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A part of the API, and what it requires of its callers. Immutable.
///
/// @param host the host, in lower case and without a port; null: any host
/// @param path a prefix on segment boundaries: `/orders` matches `/orders` and `/orders/7`, but not
///   `/orders2`. The segment `*` matches any one segment. Written without percent-encodings:
///   `/@admin` also matches `/%40admin`
/// @param destination what the server does with an admitted request; not used by this package
public record Route<T>(
    @Nullable String host, String path, Policy policy, CorsPolicy cors, T destination) {

  // Characters that RequestPath refuses in every form, that end a path, or that begin an encoding.
  private static final String UNMATCHABLE_CHARS = "\\;?#%";
  private static final Pattern DOT_SEGMENT = Pattern.compile("/\\.\\.?(/|$)");
  private static final Pattern HOST_PATTERN =
      Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+]");

  /// Converts the host to lower case. Throws [IllegalArgumentException] with a message that says
  /// what is wrong.
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

  /// Returns the segments of the path; none for `/`.
  List<String> segments() {
    String trimmed = path.substring(1);
    if (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed.isEmpty() ? List.of() : Arrays.asList(trimmed.split("/", -1));
  }
}
