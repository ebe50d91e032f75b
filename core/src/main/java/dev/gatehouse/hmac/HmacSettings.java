package dev.gatehouse.hmac;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Settings of the method.
///
/// @param realm named in challenges (RFC 9110 §11.5)
/// @param window by how much the time of a signature may differ from now, either way
/// @param maxBodyBytes of a body that has to be read whole before its signature can be verified
/// @param hosts the gate's own, in lower case, for which keys are good that name none; empty: any
public record HmacSettings(String realm, Duration window, int maxBodyBytes, Set<String> hosts) {

  /// The window when none is set.
  public static final Duration DEFAULT_WINDOW = Duration.ofMinutes(5);

  /// The longest signed body when nothing is set.
  public static final int DEFAULT_MAX_BODY_BYTES = 1 << 20;

  /// Checks and copies; throws [IllegalArgumentException] that says what is wrong.
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

  /// The defaults, in that realm, for any host.
  public static HmacSettings inRealm(String realm) {
    return new HmacSettings(realm, DEFAULT_WINDOW, DEFAULT_MAX_BODY_BYTES, Set.of());
  }
}
