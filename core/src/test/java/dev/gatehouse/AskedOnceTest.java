package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The same credential, sent many times at once: asked about once, and never to anybody's harm.
@Timeout(60)
class AskedOnceTest {

  private static final int FAILURES = 8;
  private static final long DEADLINE_SECONDS = 30;
  private static final Policy JWT = Policy.accepting(Method.JWT);

  private static final Duration SILENCE = Duration.ofSeconds(1);

  private final Time time = new Time();
  private final Revocations revocations = revocations(null);
  private final AtomicReference<@Nullable Runnable> beforeAsking = new AtomicReference<>();
  private final Badge jwt =
      new Badge(Method.JWT, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Gate gate = gate(revocations);

  // What the first who asks is told, and what all who come later are told; the first is told when
  // the test says so.
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final AtomicInteger questions = new AtomicInteger();

  private Revocations revocations(@Nullable Duration silence) {
    return new Revocations(Duration.ofMinutes(1), 1_000, silence, time.ticker());
  }

  private Gate gate(Revocations heard) {
    return new Gate(
        List.of(jwt),
        heard,
        new FailedAttempts(FAILURES, hooked(time.ticker())),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  // The gate asks this ticker whether an address must wait, once it has seen a failure there: just
  // behind its memory, and just before it asks about a slow credential.
  private Ticker hooked(Ticker ticker) {
    return () -> {
      Runnable hook = beforeAsking.getAndSet(null);
      if (hook != null) {
        hook.run();
      }
      return ticker.read();
    };
  }

  @Test
  void aCredentialThatIsSentManyTimesAtOnceIsVerifiedOnce() throws Exception {
    knows(question -> good());
    List<FutureTask<Decision>> all = firstAndWaiters(20);

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(jwt.asked()).isEqualTo(1);
  }

  @Test
  void anotherCredentialDoesNotWait() throws Exception {
    knows(question -> good());
    jwt.knowing("bob", "u_bob");
    FutureTask<Decision> first = sent("alice");
    await(asked);

    assertThat(status(gate.admit(with("bob"), JWT))).isEqualTo(200);
    answer.countDown();
    assertThat(status(first)).isEqualTo(200);
  }

  @Test
  void whoComesBetweenMemoryAndTheQuestionAsksNoSecondOne() {
    jwt.slow();
    jwt.knowing("alice", "u_alice");
    assertThat(status(gate.admit(with("nobody"), JWT))).isEqualTo(401);
    int before = jwt.asked();
    AtomicInteger between = new AtomicInteger();
    // Somebody else asks, is told and goes, while this one is on its way from memory to its
    // question.
    beforeAsking.set(() -> between.set(status(gate.admit(with("alice"), JWT))));

    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(200);
    assertThat(between).hasValue(200);
    assertThat(jwt.asked() - before).isEqualTo(1);
  }

  @Test
  void aCredentialThatMustBeVerifiedAtEachUseIsVerifiedByEach() throws Exception {
    jwt.verifiedAtEachUse();
    knows(question -> question == 1 ? good() : wrong());
    FutureTask<Decision> first = sent("alice");
    await(asked);

    assertThat(status(gate.admit(with("alice"), JWT))).as("a replay").isEqualTo(401);
    answer.countDown();
    assertThat(status(first)).isEqualTo(200);
  }

  // Wrong ones.

  @Test
  void eachWhoWaitsForTheAnswerToAGuessHasGuessed() throws Exception {
    knows(question -> wrong());
    List<FutureTask<Decision>> all = firstAndWaiters(FAILURES - 1);

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(401);
    }
    assertThat(jwt.asked()).as("one for the first, one for all who came later").isEqualTo(2);
    assertThat(status(gate.admit(with("another"), JWT))).isEqualTo(429);
  }

  @Test
  void aRefusalThatWasSharedIsNotRemembered() throws Exception {
    knows(question -> question <= 2 ? wrong() : good());
    List<FutureTask<Decision>> all = firstAndWaiters(2);

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(401);
    }
    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(200);
  }

  @Test
  void refusalIsNotSharedWithRequestsThatCameAfterItWasAskedFor() throws Exception {
    // What is new is in no feed: the credential is created while the first request is refused.
    knows(question -> question == 1 ? wrong() : good());
    List<FutureTask<Decision>> all = firstAndWaiters(FAILURES + 1);

    answer.countDown();
    assertThat(status(all.getFirst())).isEqualTo(401);
    for (FutureTask<Decision> each : all.subList(1, all.size())) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(jwt.asked()).isEqualTo(2);
  }

  @Test
  void aStoreThatIsDownIsDownForAllWhoWait() throws Exception {
    knows(question -> new Outcome.Unavailable(new Exception("down")));
    List<FutureTask<Decision>> all = firstAndWaiters(5);

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(503);
    }
    assertThat(jwt.asked()).isEqualTo(1);
    assertThat(status(gate.admit(with("alice"), JWT))).as("and not for ever").isEqualTo(503);
    assertThat(jwt.asked()).isEqualTo(2);
  }

  // Revocation.

  @Test
  void whoComesAfterARevocationIsNotAnsweredFromBeforeIt() throws Exception {
    knows(question -> question == 1 ? good() : wrong());
    List<FutureTask<Decision>> before = firstAndWaiters(1);
    hear(FeedEntry.Kind.CREDENTIAL, "c_alice");
    FutureTask<Decision> after = waiting("alice");

    answer.countDown();
    assertThat(status(after)).isEqualTo(401);
    for (FutureTask<Decision> each : before) {
      assertThat(status(each)).as("revoked while it was verified").isEqualTo(401);
    }
    assertThat(gate.recall(with("alice"), JWT)).isEmpty();
    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(401);
  }

  @Test
  void whoComesAfterAChangeIsNotRefusedFromBeforeIt() throws Exception {
    knows(question -> question == 1 ? wrong() : good());
    List<FutureTask<Decision>> before = firstAndWaiters(0);
    hear(FeedEntry.Kind.SUBJECT, "u_alice"); // enabled again, say
    FutureTask<Decision> after = waiting("alice");

    answer.countDown();
    assertThat(status(after)).isEqualTo(200);
    assertThat(status(before.getFirst())).isEqualTo(401);
  }

  @Test
  void aRevocationWhileAllWaitIsNeverRemembered() throws Exception {
    knows(question -> question == 1 ? good() : wrong());
    List<FutureTask<Decision>> all = firstAndWaiters(5);
    hear(FeedEntry.Kind.SUBJECT, "u_alice");

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(401);
    }
    assertThat(gate.recall(with("alice"), JWT)).isEmpty();
    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(401);
    assertThat(gate.recall(with("alice"), JWT)).isEmpty();
  }

  @Test
  void revocationsOfOthersMakeNoRequestVerifyAgain() throws Exception {
    knows(question -> good());
    List<FutureTask<Decision>> all = firstAndWaiters(0);
    for (int i = 1; i < 20; i++) {
      hear(FeedEntry.Kind.CREDENTIAL, "c_other" + i);
      all.add(waiting("alice"));
      hear(FeedEntry.Kind.SUBJECT, "u_other" + i);
    }

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(jwt.asked()).isEqualTo(1);
    assertThat(gate.recall(with("alice"), JWT)).isPresent();
  }

  @Test
  void revocationsOfOthersMakeGuessesVerifiedOnceMoreAndNoOftener() throws Exception {
    knows(question -> wrong());
    List<FutureTask<Decision>> all = firstAndWaiters(0);
    for (int i = 1; i < FAILURES; i++) {
      hear(FeedEntry.Kind.CREDENTIAL, "c_other" + i);
      all.add(waiting("alice"));
    }

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(401);
    }
    assertThat(jwt.asked()).isEqualTo(2);
    assertThat(status(gate.admit(with("another"), JWT))).as("each was counted").isEqualTo(429);
  }

  @Test
  void requestsThatCannotUseAnAnswerShareTheNextOne() throws Exception {
    knows(question -> good());
    List<FutureTask<Decision>> all = firstAndWaiters(10);
    hear(FeedEntry.Kind.SUBJECT, "u_alice"); // another grant, say
    for (int i = 0; i < 10; i++) {
      all.add(waiting("alice"));
    }

    answer.countDown();
    for (FutureTask<Decision> each : all) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(jwt.asked()).isEqualTo(2);
  }

  @Test
  void whileTheFeedIsSilentAnAnswerIsSharedOnlyWithRequestsThatCameBeforeTheQuestion()
      throws Exception {
    Revocations remote = revocations(SILENCE);
    Gate cutOff = gate(remote);
    knows(question -> question == 1 ? good() : wrong()); // another process revokes it meanwhile
    FutureTask<Decision> first = started(() -> cutOff.admit(with("alice"), JWT));
    await(asked);
    List<FutureTask<Decision>> later = new ArrayList<>();
    for (int i = 0; i < FAILURES - 1; i++) {
      later.add(waiting(() -> cutOff.admit(with("alice"), JWT)));
    }

    answer.countDown();
    assertThat(status(first)).isEqualTo(200);
    for (FutureTask<Decision> each : later) {
      assertThat(status(each)).isEqualTo(401);
    }
    assertThat(jwt.asked()).isEqualTo(2);
  }

  @Test
  void credentialThatIsVerifiedAtEachUseIsLookedUpAgainWhenItIsRevokedMeanwhile() throws Exception {
    jwt.verifiedAtEachUse();
    knows(question -> good());
    jwt.answeringAgain("alice", AskedOnceTest::wrong);
    FutureTask<Decision> first = sent("alice");
    await(asked);
    hear(FeedEntry.Kind.CREDENTIAL, "c_alice");

    answer.countDown();
    assertThat(status(first)).isEqualTo(401);
    assertThat(jwt.asked()).as("its one use").isEqualTo(1);
  }

  @Test
  void bodyIsStillHeldToItsDigestWhenTheKeyWasLookedUpAgain() throws Exception {
    BodyDigest digest = new BodyDigest("SHA-256", new byte[32]);
    jwt.verifiedAtEachUse();
    Outcome.Accepted again = (Outcome.Accepted) good();
    knows(
        question ->
            new Outcome.Accepted(
                again.principal(), again.conditions(), again.root(), digest, null));
    jwt.answeringAgain("alice", () -> again);
    FutureTask<Decision> first = sent("alice");
    await(asked);
    hear(FeedEntry.Kind.SUBJECT, "u_alice"); // another grant, say

    answer.countDown();
    Decision decision = first.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(((Decision.Admitted) decision).bodyDigest()).isEqualTo(digest);
  }

  @Test
  void credentialThatChangesEachTimeItIsVerifiedIsUnavailable() {
    jwt.answering(
        "alice",
        () -> {
          hear(FeedEntry.Kind.SUBJECT, "u_alice");
          return good();
        });

    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(503);
    assertThat(jwt.asked()).isEqualTo(3);
  }

  @Test
  void anOpenStreamOfOneWhoWaitedEndsWithTheRevocation() throws Exception {
    knows(question -> good());
    List<FutureTask<Decision>> all = firstAndWaiters(1);
    answer.countDown();
    List<Decision.Admitted> admitted = new ArrayList<>();
    for (FutureTask<Decision> each : all) {
      admitted.add((Decision.Admitted) each.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }
    assertThat(admitted).allSatisfy(one -> assertThat(gate.renew(one, with("x"))).isPresent());

    hear(FeedEntry.Kind.CREDENTIAL, "c_alice");
    assertThat(admitted).allSatisfy(one -> assertThat(gate.renew(one, with("x"))).isEmpty());
  }

  // The first one's misfortune.

  @Test
  void whoWaitsForOneThatThrowsAsksForItself() throws Exception {
    knows(
        question -> {
          if (question == 1) {
            throw new IllegalStateException("a defect");
          }
          return good();
        });
    List<FutureTask<Decision>> all = firstAndWaiters(3);

    answer.countDown();
    assertThatThrownBy(() -> status(all.getFirst())).hasRootCauseMessage("a defect");
    for (FutureTask<Decision> each : all.subList(1, all.size())) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(status(gate.admit(with("alice"), JWT))).as("nothing is left behind").isEqualTo(200);
  }

  @Test
  void whoWaitsForOneThatDiesAsksForItself() throws Exception {
    knows(
        question -> {
          if (question == 1) {
            throw new StackOverflowError("too deep");
          }
          return good();
        });
    List<FutureTask<Decision>> all = firstAndWaiters(1);

    answer.countDown();
    assertThat(status(all.getLast())).isEqualTo(200);
  }

  @Test
  void whatIsThrottledForTheFirstIsNotForWhoWaits() throws Exception {
    knows(
        question ->
            question == 1
                ? new Outcome.Rejected(
                    Reason.THROTTLED, "wait", "this account from there", Duration.ofSeconds(9))
                : good());
    List<FutureTask<Decision>> all = firstAndWaiters(2);

    answer.countDown();
    assertThat(status(all.getFirst())).isEqualTo(429);
    assertThat(status(all.get(1))).isEqualTo(200);
    assertThat(status(all.get(2))).isEqualTo(200);
  }

  @Test
  void whoMustWaitIsNotToldWhatOthersAreTold() throws Exception {
    jwt.slow();
    knows(question -> good());
    FutureTask<Decision> first = sent("alice");
    await(asked);
    for (int i = 0; i < FAILURES; i++) {
      gate.refuse(with("x"), wrong(), Method.JWT);
    }

    assertThat(status(gate.admit(with("alice"), JWT))).isEqualTo(429);
    answer.countDown();
    assertThat(status(first)).isEqualTo(200);
  }

  // Only the first question waits for the test.
  private void knows(Function<Integer, Outcome> answers) {
    jwt.answering(
        "alice",
        () -> {
          int question = questions.incrementAndGet();
          if (question == 1) {
            asked.countDown();
            await(answer);
          }
          return answers.apply(question);
        });
  }

  private List<FutureTask<Decision>> firstAndWaiters(int waiters) {
    List<FutureTask<Decision>> all = new ArrayList<>();
    all.add(sent("alice"));
    await(asked);
    for (int i = 0; i < waiters; i++) {
      all.add(waiting("alice"));
    }
    return all;
  }

  private FutureTask<Decision> sent(String text) {
    return started(() -> gate.admit(with(text), JWT));
  }

  // Sent, and waiting for somebody else's answer when this returns.
  private FutureTask<Decision> waiting(String text) {
    return waiting(() -> gate.admit(with(text), JWT));
  }

  private static FutureTask<Decision> waiting(Callable<Decision> work) {
    FutureTask<Decision> task = new FutureTask<>(work);
    Thread thread = Thread.ofPlatform().daemon().start(task);
    Waiting.until(thread, Thread.State.WAITING);
    return task;
  }

  private static FutureTask<Decision> started(Callable<Decision> work) {
    FutureTask<Decision> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private Outcome good() {
    return jwt.accepted("u_alice", "alice", Badge.unconditional());
  }

  private static Outcome.Rejected wrong() {
    return new Outcome.Rejected(Reason.INVALID_TOKEN, "No such badge", "unknown");
  }

  private void hear(FeedEntry.Kind kind, String name) {
    revocations.hear(new FeedEntry(1, kind, name, time.now()));
  }

  private static int status(FutureTask<Decision> decision) throws Exception {
    return status(decision.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
  }

  private static int status(Decision decision) {
    return decision instanceof Decision.Refused refused ? refused.refusal().status() : 200;
  }

  private static AuthRequest with(String text) {
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of("Authorization", List.of(text))),
        Network.address("192.0.2.1"));
  }
}
