package dev.gatehouse.server.signin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Names a browser and its operating system by its `User-Agent`. Browsers claim to be each other,
/// so the first pattern that matches counts. The name helps people to tell their own browsers
/// apart. It proves nothing: a client can send any `User-Agent`.
final class BrowserName {

  private static final Map<String, String> BROWSERS = new LinkedHashMap<>();
  private static final Map<String, String> SYSTEMS = new LinkedHashMap<>();

  static {
    BROWSERS.put("Edg", "Edge"); // Edg/, EdgA/, EdgiOS/
    BROWSERS.put("OPR/", "Opera");
    BROWSERS.put("SamsungBrowser/", "Samsung Internet");
    BROWSERS.put("Firefox/", "Firefox");
    BROWSERS.put("FxiOS/", "Firefox");
    BROWSERS.put("HeadlessChrome/", "Chrome");
    BROWSERS.put("Chrome/", "Chrome");
    BROWSERS.put("CriOS/", "Chrome");
    BROWSERS.put("Safari/", "Safari");
    SYSTEMS.put("iPhone", "iPhone");
    SYSTEMS.put("iPad", "iPad");
    SYSTEMS.put("Android", "Android");
    SYSTEMS.put("Windows", "Windows");
    SYSTEMS.put("Mac OS X", "macOS");
    SYSTEMS.put("CrOS", "ChromeOS");
    SYSTEMS.put("Linux", "Linux");
  }

  private BrowserName() {}

  /// For example "Firefox on Linux"; empty if the browser is not known here.
  static Optional<String> of(String agent) {
    return agent.startsWith("Mozilla/5.0 (")
        ? first(BROWSERS, agent)
            .map(
                browser ->
                    browser + first(SYSTEMS, agent).map(system -> " on " + system).orElse(""))
        : Optional.empty();
  }

  private static Optional<String> first(Map<String, String> names, String agent) {
    return names.entrySet().stream()
        .filter(name -> agent.contains(name.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
