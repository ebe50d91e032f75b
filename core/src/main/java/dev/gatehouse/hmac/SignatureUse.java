package dev.gatehouse.hmac;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.SingleUse;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The use of a signature that was verified. It is accepted once. Thread-safe; each method may
/// block.
final class SignatureUse implements SingleUse {

  private static final Logger LOG = LoggerFactory.getLogger(SignatureUse.class);

  // Uses are forgotten all the time, so a key that has used up its share gets places again soon.
  private static final Duration SHARE_RETRY_INTERVAL = Duration.ofSeconds(30);

  private final IssuedCredential<StoredSignatureKey> key;
  private final Use use;
  private final @Nullable Instant expiresAt;
  private final ReplayStore used;
  private final SignatureTimes times;

  SignatureUse(
      IssuedCredential<StoredSignatureKey> key,
      SignatureVerifier.Verdict.Valid valid,
      ReplayStore used,
      SignatureTimes times) {
    this.key = key;
    this.use = valid.use();
    this.expiresAt = valid.expiresAt();
    this.used = used;
    this.times = times;
  }

  /// A webhook's event counts when the upstream has answered it, because a vendor sends an event
  /// again with the same bytes and the same signature. A signed request counts when it is sent to
  /// the upstream, because a caller can sign a new one.
  @Override
  public Finality finality() {
    return key.material().webhook() == null ? Finality.WHEN_SENT : Finality.WHEN_ANSWERED;
  }

  /// Checks the time of the signature again, and records the use. Returns null if this is the first
  /// use.
  @Override
  public @Nullable Outcome reserve() {
    // The time was checked when the head of the request had arrived. The body, or another
    // credential of the request, may have taken longer. An event without a time has the time of its
    // arrival.
    Outcome.Rejected late = times.outsideWindow(use.time());
    if (late == null) {
      late = times.expired(expiresAt);
    }
    if (late != null) {
      return late;
    }
    try {
      return refusal(finality() == Finality.WHEN_SENT ? used.record(use) : used.reserve(use));
    } catch (StoreUnavailableException unavailable) {
      return new Outcome.Unavailable(unavailable);
    }
  }

  private @Nullable Outcome refusal(Recorded recorded) {
    return switch (recorded) {
      case Recorded.First first -> null;
      case Recorded.Again again -> replayed();
      case Recorded.BeforeHorizon(Instant horizon) -> beforeHorizon(horizon);
      case Recorded.Full full ->
          new Outcome.Unavailable(
              new StoreUnavailableException("the record of used signatures is full", null));
      case Recorded.ShareTaken taken -> shareTaken();
    };
  }

  @Override
  public void confirm() {
    try {
      used.confirm(use);
    } catch (StoreUnavailableException unavailable) {
      LOG.warn("A use of {} could not be confirmed, and stays reserved", key.id(), unavailable);
    }
  }

  @Override
  public void release() {
    try {
      used.release(use);
    } catch (StoreUnavailableException unavailable) {
      LOG.warn("A use of {} could not be released, and stays reserved", key.id(), unavailable);
    }
  }

  private Outcome.Rejected shareTaken() {
    return new Outcome.Rejected(
        Reason.THROTTLED,
        "Too many signatures of this key were used recently",
        "the share of " + use.holder() + " in the record of used signatures is taken",
        SHARE_RETRY_INTERVAL);
  }

  // The time is within the window, but the record does not reach back to it. Either the window was
  // longer or shorter before, or the clock was ahead when the record was purged.
  private Outcome.Rejected beforeHorizon(Instant horizon) {
    String cause =
        "signed at "
            + use.time()
            + ", but the record of used signatures knows nothing of times up to "
            + horizon;
    Instant now = times.clock().instant();
    if (horizon.isBefore(now)) {
      // A new signature has a time after the horizon.
      return new Outcome.Rejected(
              Reason.REQUEST_EXPIRED,
              "The gate can't tell any more whether a signature of that time was used: sign the"
                  + " request anew",
              cause)
          .notCountedAsFailure();
    }
    // The horizon is in the future, so the gate's clock went back. A new signature would not help.
    return new Outcome.Rejected(
        Reason.UNAVAILABLE,
        "The gate's clock went back, and it can't tell yet whether a signature was used: try again"
            + " later",
        cause + ": the clock went back",
        Duration.between(now, horizon).plusSeconds(1));
  }

  // The sender has a valid signature, so this is not an attempt to guess one.
  private Outcome.Rejected replayed() {
    return new Outcome.Rejected(
            Reason.REPLAYED,
            key.material().webhook() == null
                ? "This request was accepted before: sign each request again, with a nonce"
                    + " if equal requests are sent within one second"
                : "This event was accepted before, or is being processed",
            "a second use of a signature of " + key.id())
        .notCountedAsFailure();
  }
}
