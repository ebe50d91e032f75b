package dev.gatehouse.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RevocationsTest {

  private static final Duration MEMORY = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final int PLENTY = 1_000;

  private final Time time = new Time();
  private final Revocations revocations = local(PLENTY);

  @Test
  void anAnswerCountsAsLongAsNothingWasNamed() {
    long stamp = revocations.stamp();

    assertThat(revocations.vouchesFor(stamp, "u_1", "k_1")).isTrue();
  }

  @Test
  void whatIsNamedAfterTheQuestionNeverCounts() {
    long stamp = revocations.stamp();
    hearCredential("k_1");
    hearSubject("u_2");

    assertThat(revocations.vouchesFor(stamp, "u_1", "k_1")).isFalse();
    assertThat(revocations.vouchesFor(stamp, "u_2", "k_2")).isFalse();
    assertThat(revocations.vouchesFor(stamp, "u_1", "k_2")).isTrue();
  }

  @Test
  void aQuestionThatIsAskedAfterTheNameCountsAgain() {
    hearCredential("k_1");

    assertThat(revocations.vouchesFor(revocations.stamp(), "u_1", "k_1")).isTrue();
  }

  @Test
  void anEntryThatEndsMoreThanItNamesMakesEverythingForgotten() {
    List<String> asked = new ArrayList<>();
    revocations.forgetAllOn(entry -> asked.add(entry.name()) && entry.name().equals("sig_1"));
    long stamp = revocations.stamp();
    hearCredential("k_1");
    assertThat(revocations.vouchesFor(stamp, "u_2", "k_2")).isTrue();

    hearCredential("sig_1");

    assertThat(asked).containsExactly("k_1", "sig_1");
    assertThat(revocations.vouchesFor(stamp, "u_2", "k_2")).isFalse();
    assertThat(revocations.vouchesFor(revocations.stamp(), "u_2", "k_2")).isTrue();
  }

  @Test
  void entryThatEndsCredentialsOfOneKindEndsNoOthers() {
    revocations.forgetOn(
        entry -> entry.name().startsWith("denial_"), credential -> credential.startsWith("oauth:"));
    long stamp = revocations.stamp();

    hearCredential("denial_1");
    assertThat(revocations.vouchesFor(stamp, "u_1", "oauth:client")).isFalse();
    assertThat(revocations.vouchesFor(stamp, "u_1", "k_1")).isTrue();
    assertThat(revocations.vouchesFor(revocations.stamp(), "u_1", "oauth:client")).isTrue();
  }

  @Test
  void whatIsForgottenAltogetherStaysSoWhenTheOldestNamesGiveWay() {
    Revocations small = local(2);
    small.forgetAllOn(entry -> entry.name().equals("sig_1"));
    for (String name : List.of("k_1", "k_2")) {
      small.hear(new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, name, Time.START));
    }
    long stamp = small.stamp();

    small.hear(new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, "sig_1", Time.START));

    assertThat(small.vouchesFor(stamp, "u_3", "k_3")).isFalse();
  }

  @Test
  void aSubjectIsNotACredentialOfTheSameName() {
    long stamp = revocations.stamp();
    hearSubject("same");

    assertThat(revocations.vouchesFor(stamp, "other", "same")).isTrue();
    assertThat(revocations.vouchesFor(stamp, "same", "other")).isFalse();
  }

  @Test
  void hearingAnEntryTwiceDoesNoHarm() {
    FeedEntry entry = new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, "k_1", Time.START);
    long stamp = revocations.stamp();
    revocations.hear(entry);
    revocations.hear(entry);

    assertThat(revocations.vouchesFor(stamp, "u_1", "k_1")).isFalse();
    assertThat(revocations.vouchesFor(stamp, "u_1", "k_2")).isTrue();
  }

  @Test
  void anAnswerThatTookLongerThanNamesAreKeptDoesNotCountEither() {
    long stamp = revocations.stamp();
    hearCredential("k_1");
    time.pass(MEMORY.multipliedBy(10));

    assertThat(revocations.vouchesFor(stamp, "u_1", "k_1")).isFalse();
  }

  @Test
  void beyondTheBoundTheOldestNamesAreForgottenTogetherWithWhatIsOlder() {
    Revocations two = local(2);
    long before = two.stamp();
    two.hear(credential("k_1"));
    long afterFirst = two.stamp();
    two.hear(credential("k_2"));
    two.hear(credential("k_3"));

    // k_1 gave way: whatever is older than it can't be told from it any more.
    assertThat(two.vouchesFor(before, "u", "k_1")).isFalse();
    assertThat(two.vouchesFor(before, "u", "k_9")).isFalse();
    // What was asked for after it counts on, unless it is named.
    assertThat(two.vouchesFor(afterFirst, "u", "k_1")).isTrue();
    assertThat(two.vouchesFor(afterFirst, "u", "k_9")).isTrue();
    assertThat(two.vouchesFor(afterFirst, "u", "k_2")).isFalse();
    assertThat(two.vouchesFor(afterFirst, "u", "k_3")).isFalse();
  }

  @Test
  void aFloodOfNamesForgetsNoMoreThanItMust() {
    int bound = 100;
    Revocations bounded = local(bound);
    List<Long> stamps = new ArrayList<>();
    for (int i = 0; i < 10 * bound; i++) {
      bounded.hear(credential("k_" + i));
      stamps.add(bounded.stamp());
      int kept = Math.min(i + 1, bound);
      // Exactly the last `bound` names are told apart.
      assertThat(bounded.vouchesFor(stamps.get(i + 1 - kept), "u", "k_x")).isTrue();
      if (i > bound) {
        assertThat(bounded.vouchesFor(stamps.get(i - bound - 1), "u", "k_x")).isFalse();
      }
    }
  }

  @Test
  void aNameThatIsHeardAgainIsAsYoungAsItsLastHearing() {
    Revocations two = local(2);
    two.hear(credential("k_1"));
    two.hear(credential("k_2"));
    long stamp = two.stamp();
    two.hear(credential("k_1"));
    two.hear(credential("k_3")); // k_2 is the oldest now

    assertThat(two.vouchesFor(stamp, "u", "k_1")).isFalse();
    assertThat(two.vouchesFor(stamp, "u", "k_2")).isTrue();
  }

  @Test
  void nothingCountsBeforeTheFeedWasHeard() {
    Revocations remote = remote();

    assertThat(remote.isAlive()).isFalse();
    assertThat(remote.vouchesFor(remote.stamp(), "u_1", "k_1")).isFalse();
  }

  @Test
  void nothingCountsOnceTheFeedIsSilentAndAllCountsAgainWhenItReturns() {
    Revocations remote = remote();
    remote.alive(time.ticker().read());
    long stamp = remote.stamp();

    time.pass(SILENCE);
    assertThat(remote.vouchesFor(stamp, "u_1", "k_1")).isTrue();
    time.pass(Duration.ofNanos(1));
    assertThat(remote.vouchesFor(stamp, "u_1", "k_1")).isFalse();

    remote.hear(credential("k_1"));
    assertThat(remote.isAlive())
        .as("a row is no proof that the feed was read to its end")
        .isFalse();
    remote.alive(time.ticker().read());
    assertThat(remote.vouchesFor(stamp, "u_1", "k_1")).isFalse();
    assertThat(remote.vouchesFor(stamp, "u_1", "k_2")).isTrue();
  }

  @Test
  void aSignOfLifeCountsFromWhenTheQuestionWasSent() {
    Revocations remote = remote();
    long sent = time.ticker().read();
    time.pass(SILENCE.plusNanos(1)); // the process stood still between question and answer
    remote.alive(sent);

    assertThat(remote.isAlive()).isFalse();
  }

  @Test
  void twoThreadsThatHearTheSameNameNeverMakeItOlder() throws Exception {
    // The follower hears a row late while a commit in this process names the same subject.
    int rounds = 20_000;
    CyclicBarrier round = new CyclicBarrier(2);
    AtomicInteger wrong = new AtomicInteger();
    Callable<Void> hearer =
        () -> {
          for (int i = 0; i < rounds; i++) {
            String name = "u_" + i;
            round.await(30, TimeUnit.SECONDS);
            long before = revocations.stamp();
            revocations.hear(new FeedEntry(i, FeedEntry.Kind.SUBJECT, name, Time.START));
            if (revocations.vouchesFor(before, name, "k")) {
              wrong.incrementAndGet();
            }
            round.await(30, TimeUnit.SECONDS);
          }
          return null;
        };
    together(List.of(hearer, hearer));

    assertThat(wrong).hasValue(0);
  }

  @Test
  void onceANameWasHeardNoReaderEverVouchesForWhatIsOlderHoweverManyNamesCome() throws Exception {
    Revocations small = local(8);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger wrong = new AtomicInteger();
    // What the hearer puts here, hear() has returned for.
    AtomicReference<Stale> heard = new AtomicReference<>(new Stale("u", "k", -1));
    Callable<Void> hearer =
        () -> {
          try {
            for (int i = 0; i < 200_000; i++) {
              String name = "k_" + i;
              long before = small.stamp();
              small.hear(credential(name));
              heard.set(new Stale("u", name, before));
            }
          } finally {
            done.set(true);
          }
          return null;
        };
    Callable<Void> flood =
        () -> {
          for (int i = 0; !done.get(); i++) {
            small.hear(credential("f_" + i));
          }
          return null;
        };
    Callable<Void> reader =
        () -> {
          while (!done.get()) {
            Stale old = heard.get();
            if (small.vouchesFor(old.stamp, old.subject, old.credential)) {
              wrong.incrementAndGet();
            }
          }
          return null;
        };
    together(List.of(hearer, flood, reader, reader));

    assertThat(wrong).hasValue(0);
  }

  private record Stale(String subject, String credential, long stamp) {}

  private static void together(List<Callable<Void>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> done : threads.invokeAll(tasks, 2, TimeUnit.MINUTES)) {
        done.get();
      }
    }
  }

  private Revocations local(int maxNames) {
    return new Revocations(MEMORY, maxNames, null, time.ticker());
  }

  private Revocations remote() {
    return new Revocations(MEMORY, PLENTY, SILENCE, time.ticker());
  }

  private void hearCredential(String id) {
    revocations.hear(credential(id));
  }

  private void hearSubject(String id) {
    revocations.hear(new FeedEntry(0, FeedEntry.Kind.SUBJECT, id, Time.START));
  }

  private static FeedEntry credential(String id) {
    return new FeedEntry(0, FeedEntry.Kind.CREDENTIAL, id, Time.START);
  }
}
