package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Waiting;
import dev.gatehouse.revocation.FeedEntry;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HashingFloodTest {

  private static final InetAddress HERE = PasswordHouse.HERE;
  private static final Policy BASIC = Policy.accepting(Method.BASIC);

  @Test
  void aFloodOfSlowHashesIs503AndWhoeverIsKnownGoesOn() throws Exception {
    HashingThreads threads = new HashingThreads(1, 1, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 1_000)) {
      Gate gate = house.gate();
      AuthRequest known = request("alice", PasswordHouse.PASSWORD);
      assertThat(gate.admit(known, BASIC)).isInstanceOf(Decision.Admitted.class);

      FutureTask<Decision> queued;
      try (Held held = new Held(threads)) {
        queued = held.waiting(() -> gate.admit(request("mallory", "0"), BASIC));
        for (int i = 1; i < 50; i++) {
          Decision decision = gate.admit(request("mallory" + i, "wrong"), BASIC);
          assertThat(((Decision.Refused) decision).refusal().reason())
              .as("never a wrong answer")
              .isEqualTo(Reason.UNAVAILABLE);
        }
        assertThat(gate.recall(known, BASIC)).containsInstanceOf(Decision.Admitted.class);
      }
      assertThat(((Decision.Refused) queued.get()).refusal().reason())
          .isEqualTo(Reason.INVALID_CREDENTIALS);
      // What was not hashed was no attempt either.
      for (int i = 0; i < 10; i++) {
        assertThat(
                ((Decision.Refused) gate.admit(request("mallory1", "wrong" + i), BASIC))
                    .refusal()
                    .reason())
            .isEqualTo(Reason.INVALID_CREDENTIALS);
      }
    }
  }

  @Test
  void guessesThatWaitTogetherAreNoMoreThanTheirAddressHas() throws Exception {
    HashingThreads threads = new HashingThreads(1, 100, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 3)) {
      List<FutureTask<Passwords.Verification>> guesses = new ArrayList<>();
      try (Held held = new Held(threads)) {
        for (int i = 0; i < 10; i++) {
          String name = "nobody" + i;
          guesses.add(held.waiting(() -> house.passwords.verify(name, "wrong", HERE)));
        }
      }
      List<Reason> reasons = new ArrayList<>();
      for (FutureTask<Passwords.Verification> guess : guesses) {
        reasons.add(((Passwords.Verification.Rejected) guess.get()).rejected().reason());
      }
      assertThat(reasons)
          .containsOnly(Reason.INVALID_CREDENTIALS, Reason.THROTTLED)
          .filteredOn(reason -> reason == Reason.INVALID_CREDENTIALS)
          .hasSize(3);
      assertThat(house.gate().mustWait(request("nobody", "wrong"), Method.BASIC))
          .as("each is counted once, and by whoever asks")
          .get()
          .satisfies(wait -> assertThat(wait.retryAfter()).isEqualTo(Duration.ofSeconds(20)));
    }
  }

  @Test
  void peopleWhoSignInTogetherFromOneAddressAreAllServed() throws Exception {
    HashingThreads threads = new HashingThreads(1, 100, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 1)) {
      List<FutureTask<Passwords.Verification>> signIns = new ArrayList<>();
      try (Held held = new Held(threads)) {
        for (int i = 0; i < 10; i++) {
          signIns.add(
              held.waiting(() -> house.passwords.verify("alice", PasswordHouse.PASSWORD, HERE)));
        }
      }
      for (FutureTask<Passwords.Verification> signIn : signIns) {
        assertThat(signIn.get()).isInstanceOf(Passwords.Verification.Verified.class);
      }
    }
  }

  @Test
  void personWhoSignsInTwentyTimesAtOnceSpendsNoAttempt() throws Exception {
    try (PasswordHouse house = new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP), 1_000)) {
      for (FutureTask<Passwords.Verification> signIn :
          twentyAtOnce(house, i -> PasswordHouse.PASSWORD)) {
        assertThat(signIn.get()).isInstanceOf(Passwords.Verification.Verified.class);
      }
      for (int i = 0; i < 10; i++) {
        assertThat(reason(house.passwords.verify("alice", "wrong" + i, HERE)))
            .isEqualTo(Reason.INVALID_CREDENTIALS);
      }
      assertThat(reason(house.passwords.verify("alice", "wrong", HERE)))
          .isEqualTo(Reason.THROTTLED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrong", "wrong%d"})
  void wrongPasswordsAtOnceAreAsManyAttempts(String wrong) throws Exception {
    try (PasswordHouse house = new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP), 1_000)) {
      List<Reason> reasons = new ArrayList<>();
      for (FutureTask<Passwords.Verification> guess : twentyAtOnce(house, wrong::formatted)) {
        reasons.add(reason(guess.get()));
      }
      assertThat(reasons)
          .containsOnly(Reason.INVALID_CREDENTIALS, Reason.THROTTLED)
          .filteredOn(reason -> reason == Reason.INVALID_CREDENTIALS)
          .hasSize(10);
      assertThat(reason(house.passwords.verify("alice", PasswordHouse.PASSWORD, HERE)))
          .as("no attempt is left, not even for the right one")
          .isEqualTo(Reason.THROTTLED);
    }
  }

  private static List<FutureTask<Passwords.Verification>> twentyAtOnce(
      PasswordHouse house, IntFunction<String> password) {
    return IntStream.range(0, 20)
        .mapToObj(
            i -> new FutureTask<>(() -> house.passwords.verify("alice", password.apply(i), HERE)))
        .peek(HashingFloodTest::start)
        .toList();
  }

  private static Reason reason(Passwords.Verification verification) {
    return ((Passwords.Verification.Rejected) verification).rejected().reason();
  }

  @Test
  void twentyRequestsWithOneRightPasswordCostOneHashWhileOthersAreRevoked() throws Exception {
    HashingThreads threads = new HashingThreads(1, 100, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 10)) {
      Gate gate = house.gate();
      AuthRequest request = request("alice", PasswordHouse.PASSWORD);
      List<FutureTask<Decision>> all = new ArrayList<>();
      try (Held held = new Held(threads)) {
        all.add(held.waiting(() -> gate.admit(request, BASIC)));
        for (int i = 1; i < 20; i++) {
          revokeAnother(house, "k_" + i);
          FutureTask<Decision> task = new FutureTask<>(() -> gate.admit(request, BASIC));
          Waiting.until(start(task), Thread.State.WAITING);
          all.add(task);
        }
        revokeAnother(house, "k_last");
      }
      for (FutureTask<Decision> each : all) {
        assertThat(each.get()).isInstanceOf(Decision.Admitted.class);
      }
      assertThat(house.lookUps).as("each verification is one look-up and one hash").hasValue(1);
      // Not one of the ten attempts was spent.
      for (int i = 0; i < 10; i++) {
        assertThat(reason(gate.admit(request("alice", "wrong" + i), BASIC)))
            .isEqualTo(Reason.INVALID_CREDENTIALS);
      }
      assertThat(reason(gate.admit(request("alice", "wrong"), BASIC))).isEqualTo(Reason.THROTTLED);
    }
  }

  private static void revokeAnother(PasswordHouse house, String credential) {
    house.feed.change(
        change -> {
          change.forget(FeedEntry.Kind.CREDENTIAL, credential);
          return true;
        });
  }

  private static Reason reason(Decision decision) {
    return ((Decision.Refused) decision).refusal().reason();
  }

  @Test
  void accountThatIsDisabledWhileItsHashWaitsIsNotAdmitted() throws Exception {
    HashingThreads threads = new HashingThreads(1, 100, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 10)) {
      Gate gate = house.gate();
      FutureTask<Decision> request;
      try (Held held = new Held(threads)) {
        request = held.waiting(() -> gate.admit(request("alice", PasswordHouse.PASSWORD), BASIC));
        house.accounts.setDisabled("alice", true);
      }
      assertThat(reason(request.get())).isEqualTo(Reason.INVALID_CREDENTIALS);
    }
  }

  @Test
  void whoeverSignsInBesideAFloodFromOneAddressIsServed() throws Exception {
    HashingThreads threads = new HashingThreads(1, 5, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 1_000)) {
      List<FutureTask<Passwords.Verification>> flood = new ArrayList<>();
      FutureTask<Passwords.Verification> owner;
      try (Held held = new Held(threads)) {
        for (int i = 0; i < 5; i++) {
          String name = "nobody" + i;
          flood.add(held.waiting(() -> house.passwords.verify(name, "wrong", HERE)));
        }
        owner =
            held.waiting(
                () ->
                    house.passwords.verify(
                        "alice", PasswordHouse.PASSWORD, Network.address("203.0.113.7")));
      }
      assertThat(owner.get()).isInstanceOf(Passwords.Verification.Verified.class);
      assertThat(flood.getLast().get())
          .as("the flood gave up its last place")
          .isInstanceOf(Passwords.Verification.Unavailable.class);
    }
  }

  @Test
  void ownerSignsInBesideAFloodFromManySubnetsOfOneSite() throws Exception {
    HashingThreads threads = new HashingThreads(1, 5, Duration.ofMinutes(5));
    try (PasswordHouse house =
        new PasswordHouse(new PasswordHashes(PasswordHouse.CHEAP, threads), 1_000)) {
      FutureTask<Passwords.Verification> owner;
      List<FutureTask<Passwords.Verification>> flood = new ArrayList<>();
      try (Held held = new Held(threads)) {
        for (int i = 0; i < 5; i++) {
          String name = "nobody" + i;
          InetAddress from = Network.address("2001:db8:1:" + i + "::1");
          flood.add(held.waiting(() -> house.passwords.verify(name, "wrong", from)));
        }
        owner =
            held.waiting(
                () ->
                    house.passwords.verify(
                        "alice", PasswordHouse.PASSWORD, Network.address("203.0.113.7")));
      }
      assertThat(owner.get()).isInstanceOf(Passwords.Verification.Verified.class);
      for (FutureTask<Passwords.Verification> wrong : flood) {
        assertThat(wrong.get()).isNotInstanceOf(Passwords.Verification.Verified.class);
      }
    }
  }

  /// The only hashing thread is held until this is closed.
  private static final class Held implements AutoCloseable {

    private final CountDownLatch end = new CountDownLatch(1);

    Held(HashingThreads threads) throws InterruptedException {
      CountDownLatch begun = new CountDownLatch(1);
      start(
          () ->
              threads.run(
                  null,
                  () -> {
                    begun.countDown();
                    return awaited(end);
                  }));
      begun.await();
    }

    /// Returns when it waits for a hash.
    <T> FutureTask<T> waiting(Callable<T> call) {
      FutureTask<T> task = new FutureTask<>(call);
      Thread thread = start(task);
      Waiting.until(thread, Thread.State.TIMED_WAITING);
      return task;
    }

    @Override
    public void close() {
      end.countDown();
    }
  }

  @Test
  void everyWayToBeWrongAsksForAHash() {
    try (PasswordHouse house = new PasswordHouse()) {
      house.accounts.add(
          dev.gatehouse.account.Account.Kind.PERSON,
          "carol",
          null,
          java.util.Set.of(),
          dev.gatehouse.Scopes.NONE);
      house.passwords.set("carol", PasswordHouse.PASSWORD);
      house.accounts.setDisabled("carol", true);
      house.hashes.close();

      // The wrong password; no such account; none of its own; a service; disabled.
      for (String name : List.of("alice", "nobody", "bob", "shop", "carol")) {
        assertThat(house.passwords.verify(name, "a wrong password", PasswordHouse.HERE))
            .as(name)
            .isInstanceOf(Passwords.Verification.Unavailable.class);
      }
    }
  }

  private static String awaited(CountDownLatch latch) {
    try {
      latch.await();
      return "held";
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static Thread start(Runnable work) {
    return Thread.ofPlatform().daemon().start(work);
  }

  private static AuthRequest request(String name, String password) {
    String pair =
        Base64.getEncoder()
            .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of("Authorization", List.of("Basic " + pair))),
        PasswordHouse.HERE);
  }
}
