package dev.gatehouse.credential;

import dev.gatehouse.Conditions;
import dev.gatehouse.Network;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an issued credential may do, and for how long. The rules are the same for every kind.
/// Immutable; no method blocks.
///
/// @param name a name for people
/// @param scopes the scopes that it has at most; it never has more than its owner
/// @param expiresAt the first instant at which it is refused, in whole milliseconds; null: never
/// @param networks the networks from which it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used in a minute; null: unlimited
public record CredentialTerms(
    String name,
    Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute) {

  /// How long the old and the new credential are both valid after a rotation, by default.
  public static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  private static final Duration MAX_OVERLAP = Duration.ofDays(90);
  private static final Instant MAX_EXPIRY = Instant.parse("9999-12-31T23:59:59Z");
  private static final int MAX_NAME_CHARS = 100;
  private static final int MAX_NETWORKS = 64;
  private static final int MAX_REQUESTS_PER_MINUTE = 10_000_000;

  /// Copies the list, and truncates the expiry to milliseconds.
  public CredentialTerms {
    networks = List.copyOf(networks);
    expiresAt = expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /// Checks these terms for that owner.
  ///
  /// @param granted all scopes of the owner
  /// @return why no credential can be issued on these terms; empty if one can
  public Optional<String> issueProblem(Account owner, Scopes granted, Instant now) {
    if (owner.disabled()) {
      return Optional.of("the account '" + owner.name() + "' is disabled");
    }
    if (name.isBlank()
        || name.length() > MAX_NAME_CHARS
        || name.chars().anyMatch(Character::isISOControl)) {
      return Optional.of("a name has 1 to " + MAX_NAME_CHARS + " characters");
    }
    if (!granted.containsAll(scopes)) {
      return Optional.of(
          "'" + owner.name() + "' has not the scope " + scopes.minus(granted) + " itself");
    }
    if (networks.size() > MAX_NETWORKS) {
      return Optional.of("a credential has at most " + MAX_NETWORKS + " networks");
    }
    if (requestsPerMinute != null
        && (requestsPerMinute < 1 || requestsPerMinute > MAX_REQUESTS_PER_MINUTE)) {
      return Optional.of("a rate limit is 1 to " + MAX_REQUESTS_PER_MINUTE + " requests a minute");
    }
    return expiryProblem(now);
  }

  /// Returns why a credential can't expire then; empty if it can.
  public Optional<String> expiryProblem(Instant now) {
    if (expiresAt == null) {
      return Optional.empty();
    }
    if (!expiresAt.isAfter(now)) {
      return Optional.of("the expiry lies in the past");
    }
    return expiresAt.isAfter(MAX_EXPIRY)
        ? Optional.of("the expiry lies behind the year 9999")
        : Optional.empty();
  }

  /// Whether the credential has expired at that instant.
  public boolean isOver(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /// Returns these terms with an expiry at that instant, if it is before their own.
  public CredentialTerms endingBy(Instant latest) {
    return expiresAt != null && !latest.isBefore(expiresAt)
        ? this
        : new CredentialTerms(name, scopes, latest, networks, requestsPerMinute);
  }

  /// Returns the conditions for each request with a credential on these terms.
  ///
  /// @param broken the reason that a client gets if they are violated
  public Conditions conditions(Reason broken) {
    return new Conditions(expiresAt, networks, requestsPerMinute, broken);
  }

  /// Returns why an overlap cannot have that length; empty if it can. It lasts from 0 to 90 days.
  public static Optional<String> overlapProblem(Duration overlap) {
    return overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0
        ? Optional.of("an overlap lasts from 0 to " + MAX_OVERLAP.toDays() + " days")
        : Optional.empty();
  }

  /// Returns the terms of a successor.
  ///
  /// @param createdAt when the old credential was created
  /// @param newEnd when the successor expires; null: after the time for which the old one was
  ///   issued
  public CredentialTerms renewed(Instant createdAt, @Nullable Instant newEnd, Instant now) {
    Instant end = newEnd;
    if (end == null && expiresAt != null) {
      Instant later = now.plus(Duration.between(createdAt, expiresAt));
      end = later.isAfter(MAX_EXPIRY) ? MAX_EXPIRY : later;
    }
    return new CredentialTerms(name, scopes, end, networks, requestsPerMinute);
  }
}
