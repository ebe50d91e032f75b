package dev.gatehouse.route;

import dev.gatehouse.Policy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A part of the API and what it asks of its callers.
///
/// @param host the host that it is for, in lower case and without a port; null: any
/// @param path a prefix on segment boundaries: `/orders` is for `/orders` and `/orders/7`, not for
///   `/orders2`; the segment `*` is for any one segment. Compared without regard to ASCII case,
///   since many servers route so: `/ORDERS` must not slip past the policy of `/orders`
/// @param destination what the server does with an admitted request; the core does not look at it
public record Route<T>(
    @Nullable String host, String path, Policy policy, CorsPolicy cors, T destination) {

  /// Checks the path; throws [IllegalArgumentException] that says what is wrong.
  public Route {
    if (!path.startsWith("/") || path.contains("//")) {
      throw new IllegalArgumentException(
          "the path '" + path + "' must begin with a slash and hold no empty segment");
    }
    if (host != null) {
      host = host.toLowerCase(Locale.ROOT);
    }
  }

  /// The segments of the path, in lower case; none for `/`.
  List<String> segments() {
    String trimmed = path.substring(1).toLowerCase(Locale.ROOT);
    if (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed.isEmpty() ? List.of() : Arrays.asList(trimmed.split("/", -1));
  }
}
