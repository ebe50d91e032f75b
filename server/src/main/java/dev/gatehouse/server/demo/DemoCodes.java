package dev.gatehouse.server.demo;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.openid.connect.sdk.Nonce;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/// The authorization codes that were issued and not exchanged yet, in memory. Thread-safe.
final class DemoCodes {

  // RFC 6749 §4.1.2 advises ten minutes at most.
  private static final Duration CODE_LIFETIME = Duration.ofSeconds(60);
  private static final int MAX_CODES = 1_000;

  /// The sign-in that a code stands for.
  ///
  /// @param challenge by `S256`
  record Granted(
      DemoPerson person,
      Scope scope,
      Nonce nonce,
      CodeChallenge challenge,
      URI redirectUri,
      Instant at) {}

  private final InstantSource clock;
  private final LinkedHashMap<String, Granted> granted = new LinkedHashMap<>();

  DemoCodes(InstantSource clock) {
    this.clock = clock;
  }

  /// Issues a code. If there are too many, the oldest one becomes invalid.
  synchronized AuthorizationCode give(Granted what) {
    AuthorizationCode code = new AuthorizationCode();
    granted.put(code.getValue(), what);
    if (granted.size() > MAX_CODES) {
      var _ = granted.pollFirstEntry();
    }
    return code;
  }

  /// The sign-in that the code stands for; empty at the second call and after its lifetime (RFC
  /// 6749 §4.1.2: a client MUST NOT use it more than once).
  synchronized Optional<Granted> take(AuthorizationCode code) {
    return Optional.ofNullable(granted.remove(code.getValue()))
        .filter(what -> clock.instant().isBefore(what.at.plus(CODE_LIFETIME)));
  }
}
