package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.throttle.SingleFlight;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Verifies credentials, and remembers those that were accepted. Each answer carries the stamp of
/// [Revocations] from before its question, so that later revocations are seen. Thread-safe.
final class Verifications {

  private static final int MAX_REMEMBERED = 100_000;

  private final Revocations revocations;
  private final AcceptedMemory accepted;

  // Those under way, by the memory key of their credential.
  private final SingleFlight<Digest, StampedOutcome> underWay = new SingleFlight<>();

  Verifications(Revocations revocations, Ticker ticker) {
    this.revocations = revocations;
    this.accepted = new AcceptedMemory(revocations, MAX_REMEMBERED, ticker);
  }

  /// The stamp of an answer whose question is asked now.
  long stamp() {
    return revocations.stamp();
  }

  /// The proof that is remembered under that key and still counts; null: there is none. Never
  /// blocks.
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

  /// What a credential's verification answered.
  ///
  /// @param stamp taken before the question: see [Revocations]
  record StampedOutcome(Outcome outcome, long stamp) {}

  /// Asks that question, of a credential that no memory may answer.
  StampedOutcome ask(Supplier<Outcome> question) {
    long stamp = revocations.stamp();
    return new StampedOutcome(question.get(), stamp);
  }

  /// What memory or the credential's verification answers. The same credential, sent many times at
  /// once, is verified once for all these requests.
  StampedOutcome share(Presented.Credential credential, Digest memoryKey) {
    return underWay.answer(
        memoryKey, () -> recalledOrVerified(credential, memoryKey), this::isUsable);
  }

  private StampedOutcome recalledOrVerified(Presented.Credential credential, Digest memoryKey) {
    // The verification that ended just before may have been this credential's.
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
  // it may be older than the credential, since no feed names what is new. What says no more than
  // "not now" was said to another caller.
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
