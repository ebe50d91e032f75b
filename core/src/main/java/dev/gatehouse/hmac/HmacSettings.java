package dev.gatehouse.hmac;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Settings that all signature profiles share. Immutable.
///
/// @param realm the realm that challenges name (RFC 9110 §11.5): visible ASCII and spaces
/// @param window by how much the time of a signature may differ from now, in either direction; from
///   one second to one hour
/// @param maxBodyBytes the length of the longest body that is read before its signature is
///   verified; at least 1
/// @param hosts the gate's own hosts, in lower case; a key that names no host is valid for these;
///   empty: for every host
public record HmacSettings(String realm, Duration window, int maxBodyBytes, Set<String> hosts) {

  /// The window if the configuration sets none.
  public static final Duration DEFAULT_WINDOW = Duration.ofMinutes(5);

  /// The limit for signed bodies if the configuration sets none: 1 MiB.
  public static final int DEFAULT_MAX_BODY_BYTES = 1 << 20;

  /// Checks the values, and copies the hosts in lower case. Throws [IllegalArgumentException],
  /// whose message names the allowed range, if a value is outside its range.
  public HmacSettings {
    hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    hosts = Set.copyOf(hosts);
    if (window.compareTo(Duration.ofSeconds(1)) < 0 || window.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("a window lasts from one second to one hour");
    }
    if (maxBodyBytes < 1) {
      throw new IllegalArgumentException("a signed body has at least one byte");
    }
    if (realm.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
      throw new IllegalArgumentException("a realm holds nothing but visible ASCII and spaces");
    }
  }

  /// The default settings for this realm, with keys that are valid for every host.
  public static HmacSettings inRealm(String realm) {
    return new HmacSettings(realm, DEFAULT_WINDOW, DEFAULT_MAX_BODY_BYTES, Set.of());
  }
}
