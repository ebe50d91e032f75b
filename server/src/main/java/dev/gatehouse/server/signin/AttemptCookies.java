package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.session.SessionAuthenticator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Stores each sign-in attempt, sealed, in a cookie of the browser that makes it. A flood of
/// attempts needs no storage at the gate. An answer counts only in the browser that asked for it
/// (RFC 6749 §10.12). Thread-safe; does not block.
public final class AttemptCookies {

  /// How long a person may take for a sign-in.
  static final Duration ATTEMPT_LIFETIME = Duration.ofMinutes(10);

  // Two tabs are two attempts.
  private static final int MAX_ATTEMPTS = 12;
  private static final int MIN_CHARS_PER_ATTEMPT = 400;
  private static final int MAX_CHARS_PER_ATTEMPT = 2_800;
  // The name of a cookie and the characters around name and value (RFC 6265 §4.2.1).
  private static final int COOKIE_OVERHEAD_CHARS = 40;

  private static final String NAME_PREFIX = SessionAuthenticator.COOKIE + "-signin-";
  private static final int NAME_SUFFIX_CHARS = 8;

  // Lax: the provider redirects here from another site, and the cookie must come with that request.
  // RFC 6265bis §4.1.3.2: __Host- requires Secure, Path=/ and no Domain.
  private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=";

  private final Seal seal;
  private final int maxTotalChars;
  private final Clock clock;

  /// @param headerBytes of all fields of a request: the attempts of a browser take at most half,
  ///   unless one alone needs more
  public AttemptCookies(Seal seal, int headerBytes, Clock clock) {
    this.seal = seal;
    this.maxTotalChars = headerBytes / 2 - MAX_ATTEMPTS * COOKIE_OVERHEAD_CHARS;
    this.clock = clock;
  }

  /// The `Set-Cookie` fields that store one more attempt, and remove the oldest ones if there are
  /// too many. A return path for which there is no room is left out, except that of a page. Empty
  /// if the attempt is too long even then.
  ///
  /// @param fallback the return target of an attempt whose return path is left out
  Optional<List<String>> keep(Attempt attempt, String fallback, AuthRequest request) {
    Map<String, String> there = in(request);
    int chars = there.values().stream().mapToInt(String::length).sum();
    // Each attempt that may still begin has room without a long return path.
    int others = Math.max(0, MAX_ATTEMPTS - 1 - there.size());
    int room =
        Math.min(MAX_CHARS_PER_ATTEMPT, maxTotalChars - chars - others * MIN_CHARS_PER_ATTEMPT);
    String name = name(attempt.secrets().state());
    String sealed = seal.seal(attempt.text(), name);
    if (sealed.length() > room && attempt.page() == null) {
      sealed = seal.seal(attempt.returningTo(fallback).text(), name);
    }
    if (sealed.length() > MAX_CHARS_PER_ATTEMPT) {
      return Optional.empty();
    }
    List<String> set = new ArrayList<>();
    List<String> oldestFirst =
        there.keySet().stream().sorted(Comparator.comparing(other -> end(other, there))).toList();
    for (String oldest : oldestFirst) {
      if (there.size() < MAX_ATTEMPTS && chars + sealed.length() <= maxTotalChars) {
        break;
      }
      chars -= String.valueOf(there.remove(oldest)).length();
      set.add(removal(oldest));
    }
    set.add(name + "=" + sealed + ATTRIBUTES + ATTEMPT_LIFETIME.toSeconds());
    return Optional.of(set);
  }

  /// The attempt to which this `state` belongs; empty if this browser has no such attempt, or if it
  /// has expired.
  Optional<Attempt> find(AuthRequest request, String state) {
    String name = name(state);
    String sealed = in(request).get(name);
    return sealed == null
        ? Optional.empty()
        : opened(sealed, name)
            .filter(attempt -> same(attempt.secrets().state(), state))
            .filter(attempt -> clock.instant().isBefore(attempt.expiresAt()));
  }

  /// The `Set-Cookie` field that removes the attempt with that state.
  String letGo(String state) {
    return removal(name(state));
  }

  private static String removal(String name) {
    return name + "=" + ATTRIBUTES + 0;
  }

  // Expired attempts and cookies that are not the gate's are removed first.
  private Instant end(String name, Map<String, String> there) {
    return opened(String.valueOf(there.get(name)), name)
        .map(Attempt::expiresAt)
        .orElse(Instant.MIN);
  }

  private Optional<Attempt> opened(String sealed, String name) {
    try {
      return sealed.length() > MAX_CHARS_PER_ATTEMPT
          ? Optional.empty()
          : Attempt.read(seal.open(sealed, name));
    } catch (Seal.BrokenSealException notOurs) {
      return Optional.empty();
    }
  }

  // A part of the digest of the state. It does not reveal the state.
  private static String name(String state) {
    byte[] digest = Digest.sha256(state.getBytes(StandardCharsets.UTF_8)).bytes();
    return NAME_PREFIX
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(digest)
            .substring(0, NAME_SUFFIX_CHARS);
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  // The first cookie of each name: a browser has only one `__Host-` cookie of a name.
  private static Map<String, String> in(AuthRequest request) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String field : request.fields().values("Cookie")) {
      for (String pair : field.split(";", -1)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? "" : pair.substring(0, equals).strip();
        if (name.startsWith(NAME_PREFIX)
            && name.length() == NAME_PREFIX.length() + NAME_SUFFIX_CHARS) {
          found.putIfAbsent(name, pair.substring(equals + 1).strip());
        }
      }
    }
    return found;
  }
}
