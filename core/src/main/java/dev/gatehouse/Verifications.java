package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.throttle.SingleFlight;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Verifies credentials, and remembers those that were accepted. Each answer has the stamp of
/// [Revocations] from before its question, so that later revocations are noticed. Thread-safe.
final class Verifications {

  private static final int MAX_REMEMBERED = 100_000;

  private final Revocations revocations;
  private final AcceptedMemory accepted;

  // Verifications in progress, by the memory key of their credential.
  private final SingleFlight<Digest, StampedOutcome> underWay = new SingleFlight<>();

  Verifications(Revocations revocations, Ticker ticker) {
    this.revocations = revocations;
    this.accepted = new AcceptedMemory(revocations, MAX_REMEMBERED, ticker);
  }

  /// Returns the stamp for a question that is asked now.
  long stamp() {
    return revocations.stamp();
  }

  /// Returns the proof that is remembered under that key and still counts; null if there is none.
  /// Never blocks.
  Decision.@Nullable Proof recall(Digest key) {
    return accepted.recall(key);
  }

  /// See [AcceptedMemory#counts].
  boolean counts(Decision.Proof proof) {
    return accepted.counts(proof);
  }

  /// See [AcceptedMemory#isOutdated].
  boolean isOutdated(Decision.Proof proof) {
    return accepted.isOutdated(proof);
  }

  /// The outcome of a credential's verification.
  ///
  /// @param stamp the stamp that was taken before the question: see [Revocations]
  record StampedOutcome(Outcome outcome, long stamp) {}

  /// Asks that question about a credential whose acceptance may not be remembered.
  StampedOutcome ask(Supplier<Outcome> question) {
    long stamp = revocations.stamp();
    return new StampedOutcome(question.get(), stamp);
  }

  /// Returns the outcome from memory, or verifies the credential. If several requests present the
  /// same credential at once, it is verified once for all of them.
  StampedOutcome share(Presented.Credential credential, Digest memoryKey) {
    return underWay.answer(
        memoryKey, () -> recalledOrVerified(credential, memoryKey), this::isUsable);
  }

  private StampedOutcome recalledOrVerified(Presented.Credential credential, Digest memoryKey) {
    // The verification that has just ended may have been that of this credential.
    Decision.Proof recalled = accepted.recall(memoryKey);
    if (recalled != null) {
      return new StampedOutcome(recalled.accepted(), recalled.stamp());
    }
    StampedOutcome asked = ask(credential::verify);
    if (asked.outcome instanceof Outcome.Accepted good) {
      accepted.remember(memoryKey, new Decision.Proof(good, asked.stamp));
    }
    return asked;
  }

  // An acceptance from before this request counts as a remembered one does. A refusal from before
  // it may be older than the credential, since the feed does not name new credentials. A refusal
  // that only says "not now" was meant for another caller.
  private boolean isUsable(StampedOutcome asked, SingleFlight.Begun begun) {
    return switch (asked.outcome) {
      case Outcome.Accepted good ->
          begun == SingleFlight.Begun.SINCE
              || accepted.counts(new Decision.Proof(good, asked.stamp));
      case Outcome.Rejected rejected ->
          begun == SingleFlight.Begun.SINCE && rejected.reason().status() == 401;
      case Outcome.Unavailable unavailable -> true;
    };
  }
}
