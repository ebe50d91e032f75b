package dev.gatehouse.search;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.SingleFlight;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is remembered while it is revoked, and what is shared while it changes. The thorough tests
/// show that the search finds mistakes.
class SchedulesTest {

  /// Nothing wrong is ever seen.
  public static class NothingWrong {

    /// Is never accepted after its revocation.
    public boolean isAcceptedAfterRevocation() {
      return false;
    }

    /// Is never older than the question.
    public boolean isOlderThanQuestion() {
      return false;
    }

    /// Has no answer.
    public void verify() {}

    /// Has no answer.
    public void revoke() {}

    /// Has no answer.
    public void revokeOther() {}

    /// Has no answer.
    public void change() {}
  }

  /// A credential that is verified, remembered and revoked, with room for one name in the feed's
  /// memory.
  public static class Remembered {

    private static final String CREDENTIAL = "k_1";

    private final Revocations revocations =
        new Revocations(Duration.ofMinutes(1), 1, null, () -> 0);
    private volatile boolean good = true;
    private volatile boolean revocationAcknowledged;
    private volatile long remembered = -1;

    /// Takes the stamp, asks the store, and remembers the answer.
    @Operation
    public void verify() {
      long stamp = stampBeforeQuestion();
      if (good) {
        remembered = stamp >= 0 ? stamp : revocations.stamp();
      }
    }

    long stampBeforeQuestion() {
      return revocations.stamp();
    }

    /// As stores do it: the change, the feed, the acknowledgement.
    @Operation
    public void revoke() {
      good = false;
      hear(CREDENTIAL);
      revocationAcknowledged = true;
    }

    void revokeOther() {
      hear("k_2");
    }

    private void hear(String credential) {
      revocations.hear(new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, credential, Instant.EPOCH));
    }

    /// Whether what is remembered counts after the acknowledgement.
    @Operation
    public boolean isAcceptedAfterRevocation() {
      boolean acknowledged = revocationAcknowledged;
      long stamp = remembered;
      return acknowledged && stamp >= 0 && revocations.vouchesFor(stamp, "u_1", CREDENTIAL);
    }
  }

  /// A credential that was remembered and then revoked, while its name gives way to others.
  public static class GivingWay {

    private final Remembered remembered = new Remembered();

    /// Begins after the revocation.
    public GivingWay() {
      remembered.verify();
      remembered.revoke();
    }

    /// Names another credential.
    @Operation
    public void revokeOther() {
      remembered.revokeOther();
    }

    /// Whether what is remembered counts.
    @Operation
    public boolean isAcceptedAfterRevocation() {
      return remembered.isAcceptedAfterRevocation();
    }
  }

  /// [Remembered] with the mistake that the stamp is taken after the question.
  public static class RememberedWithLateStamp extends Remembered {

    @Override
    long stampBeforeQuestion() {
      return -1;
    }
  }

  /// A value that changes while its readers share look-ups.
  public static class Shared {

    private final SingleFlight<String, Integer> flights = new SingleFlight<>();
    private final AtomicInteger value = new AtomicInteger();

    /// Changes the value.
    @Operation
    public void change() {
      value.incrementAndGet();
    }

    /// Whether the shared answer is older than the question.
    @Operation
    public boolean isOlderThanQuestion() {
      int before = value.get();
      return flights.answer("key", value::get, this::isUsable) < before;
    }

    boolean isUsable(Integer answer, SingleFlight.Begun begun) {
      return begun == SingleFlight.Begun.SINCE;
    }
  }

  /// [Shared] with the mistake that each answer is taken for a new one.
  public static class SharedWithOldAnswers extends Shared {

    @Override
    boolean isUsable(Integer answer, SingleFlight.Begun begun) {
      return true;
    }
  }

  @Test
  void whatIsRememberedNeverCountsAfterItsRevocation() {
    Schedules.search(Remembered.class, NothingWrong.class);
  }

  @Test
  void whatIsRememberedNeverCountsWhenTheNameOfTheRevocationGaveWay() {
    Schedules.search(GivingWay.class, NothingWrong.class);
  }

  @Test
  void whatIsSharedIsNeverOlderThanTheQuestion() {
    Schedules.search(Shared.class, NothingWrong.class);
  }

  @Test
  @Tag("thorough")
  void aStampThatIsTakenAfterTheQuestionIsFound() {
    assertThatThrownBy(() -> Schedules.search(RememberedWithLateStamp.class, NothingWrong.class))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("isAcceptedAfterRevocation(): true");
  }

  @Test
  @Tag("thorough")
  void anOldAnswerThatIsTakenForANewOneIsFound() {
    assertThatThrownBy(() -> Schedules.search(SharedWithOldAnswers.class, NothingWrong.class))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("isOlderThanQuestion(): true");
  }
}
