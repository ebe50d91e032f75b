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

/// What a credential that is issued to an account may do, and for how long: the same rules for
/// every kind. Immutable; no method blocks.
///
/// @param name for people
/// @param scopes at most these of the owner's
/// @param expiresAt the first instant at which it is refused, in whole milliseconds, as stores keep
///   them; null: never
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
public record CredentialTerms(
    String name,
    Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute) {

  /// How long two credentials work side by side when a rotation says nothing else.
  public static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  private static final Duration MAX_OVERLAP = Duration.ofDays(90);
  private static final Instant MAX_EXPIRY = Instant.parse("9999-12-31T23:59:59Z");
  private static final int MAX_NAME_CHARS = 100;
  private static final int MAX_NETWORKS = 64;
  private static final int MAX_REQUESTS_PER_MINUTE = 10_000_000;

  /// Copies the list, and cuts the end to milliseconds.
  public CredentialTerms {
    networks = List.copyOf(networks);
    expiresAt = expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /// Why nothing is issued on these terms to that owner; empty when it may be.
  ///
  /// @param granted what the owner may do
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

  /// Why it can't end then; empty when it can.
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

  /// Whether the end has come at that instant.
  public boolean isOver(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /// The same terms, which end at that instant or at their own end, whichever comes first.
  public CredentialTerms endingBy(Instant latest) {
    return expiresAt != null && !latest.isBefore(expiresAt)
        ? this
        : new CredentialTerms(name, scopes, latest, networks, requestsPerMinute);
  }

  /// What must hold for each request that shows a credential of these terms.
  ///
  /// @param broken what a client is told when it does not hold
  public Conditions conditions(Reason broken) {
    return new Conditions(expiresAt, networks, requestsPerMinute, broken);
  }

  /// Why no two credentials work side by side for so long; empty when they can.
  public static Optional<String> overlapProblem(Duration overlap) {
    return overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0
        ? Optional.of("an overlap lasts from 0 to " + MAX_OVERLAP.toDays() + " days")
        : Optional.empty();
  }

  /// The terms of a successor.
  ///
  /// @param createdAt when the life of these began
  /// @param newEnd when the successor ends; null: as long after now as this life was
  public CredentialTerms renewed(Instant createdAt, @Nullable Instant newEnd, Instant now) {
    Instant end = newEnd;
    if (end == null && expiresAt != null) {
      Instant later = now.plus(Duration.between(createdAt, expiresAt));
      end = later.isAfter(MAX_EXPIRY) ? MAX_EXPIRY : later;
    }
    return new CredentialTerms(name, scopes, end, networks, requestsPerMinute);
  }
}
