package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import java.util.List;

/// Reads the Fetch Metadata fields of a browser's request.
final class FetchMetadata {

  // Values of Sec-Fetch-Site, Sec-Fetch-Mode and Sec-Fetch-Dest.
  private static final List<String> SAME_ORIGIN = List.of("same-origin");
  private static final List<String> NO_SITE = List.of("none");
  private static final List<String> NAVIGATE = List.of("navigate");
  private static final List<String> DOCUMENT = List.of("document");
  private static final List<String> EMPTY = List.of("empty");

  private FetchMetadata() {}

  /// Whether another site made the browser send this request, and the request opens no page in a
  /// tab (W3C Fetch Metadata §2). Without Fetch Metadata fields it is false.
  ///
  /// A navigation that a service worker of the upstream's page passes on has the destination
  /// `empty`, and browsers of 2019 send none; no script can set the mode `navigate`.
  static boolean isHidden(AuthRequest request) {
    List<String> sites = request.fields().values("Sec-Fetch-Site");
    if (sites.isEmpty() || sites.equals(SAME_ORIGIN) || sites.equals(NO_SITE)) {
      return false;
    }
    List<String> modes = request.fields().values("Sec-Fetch-Mode");
    List<String> destinations = request.fields().values("Sec-Fetch-Dest");
    boolean opensPage =
        modes.isEmpty()
            ? destinations.equals(DOCUMENT)
            : modes.equals(NAVIGATE)
                && (destinations.isEmpty()
                    || destinations.equals(DOCUMENT)
                    || destinations.equals(EMPTY));
    return !opensPage || isPrefetch(request);
  }

  // Fetch standard, `Sec-Purpose`: a browser prefetches a page before a person opens it.
  private static boolean isPrefetch(AuthRequest request) {
    return request.fields().values("Sec-Purpose").stream()
        .anyMatch(purpose -> purpose.contains("prefetch"));
  }
}
