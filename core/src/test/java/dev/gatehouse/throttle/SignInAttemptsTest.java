package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SignInAttemptsTest {

  private static final int PER_NAME = 4;
  private static final int PER_NAME_AND_ADDRESS = 2;
  private static final int PER_ADDRESS = 3;
  private static final String HOME = "192.0.2.1";

  private final Time time = new Time();
  private final FailedAttempts byAddress = new FailedAttempts(PER_ADDRESS, time.ticker());
  private final SignInAttempts attempts =
      new SignInAttempts(PER_NAME, PER_NAME_AND_ADDRESS, byAddress, time.ticker());

  @Test
  void aGuesserWaitsAtOneAddressAndNoLongerThanNeeded() {
    attempt("alice", HOME);
    attempt("alice", HOME);
    assertThat(wait("alice", HOME)).isEqualTo(Duration.ofSeconds(30));
    time.pass(Duration.ofSeconds(30));
    attempt("alice", HOME);
    assertThat(wait("alice", HOME)).isPositive();
  }

  @Test
  void aGuesserWithManyAddressesWaitsToo() {
    strangersSpendAllOf("alice");
    assertThat(wait("alice", "198.51.100.99")).isEqualTo(Duration.ofSeconds(15));
    attempt("bob", "198.51.100.99");
  }

  @Test
  void aFewStrangersWhoNeverStopKeepTheOwnerOutOfNoNewPlace() {
    for (int second = 0; second < 3600; second++) {
      for (int i = 1; i <= 4; i++) {
        attempts.ask("alice", Network.address("198.51.100." + i));
      }
      time.pass(Duration.ofSeconds(1));
    }

    SignInAttempts.Answer.Attempt mistyped = attempt("alice", "203.0.113.1");
    assertThat(mistyped.begin()).isTrue();
    attempt("alice", "203.0.113.1").succeeded();
  }

  @Test
  void ownerSignsInFromNewPlacesWhileOneIpv6SiteGuessesForHours() {
    SignInAttempts defaults =
        new SignInAttempts(20, 10, new FailedAttempts(200, time.ticker()), time.ticker());
    int signedIn = 0;
    for (int second = 0; second < 3 * 3_600; second++) {
      for (int i = 0; i < 10; i++) {
        guess(
            defaults, "2001:db8:1:" + Integer.toHexString((second * 10 + i) * 37 % 65_536) + "::1");
      }
      if (second % 12 == 0) {
        int place = second / 12;
        signedIn += signsIn(defaults, "198.18." + place / 256 + "." + place % 256) ? 1 : 0;
      }
      time.pass(Duration.ofSeconds(1));
    }
    assertThat(signedIn).as("of 900 tries").isEqualTo(900);
  }

  private static void guess(SignInAttempts attempts, String from) {
    if (attempts.ask("alice", Network.address(from))
        instanceof SignInAttempts.Answer.Attempt attempt) {
      if (!attempt.begin()) {
        attempt.giveBack();
      }
    }
  }

  private static boolean signsIn(SignInAttempts attempts, String from) {
    if (attempts.ask("alice", Network.address(from))
            instanceof SignInAttempts.Answer.Attempt attempt
        && attempt.begin()) {
      attempt.succeeded();
      return true;
    }
    return false;
  }

  @Test
  void whoSignsInFromManyAddressesMakesTheGateForgetNoOtherHome() {
    attempt("alice", HOME).succeeded();
    for (int i = 0; i < 60_000; i++) {
      attempt("mallory", "2001:db8:1:" + Integer.toHexString(i) + "::1").succeeded();
    }
    strangersSpendAllOf("alice");
    attempt("alice", HOME);
  }

  @Test
  void eachNameHasAFewHomesAndKeepsTheLatest() {
    attempt("alice", HOME).succeeded();
    for (int i = 1; i <= 100; i++) {
      attempt("alice", "203.0.113." + i).succeeded();
      attempt("alice", HOME).succeeded();
    }
    strangersSpendAllOf("alice");
    attempt("alice", HOME);
    attempt("alice", "203.0.113.100");
    assertThat(wait("alice", "203.0.113.1")).isPositive();
  }

  @Test
  void whatIsKeptForNewcomersIsAFewAttemptsAnHourFromOneAddress() {
    for (int i = 1; i <= PER_NAME; i++) {
      attempt("alice", "198.51.100." + i);
    }
    for (int i = 0; i < 3; i++) {
      attempt("alice", HOME);
      // The name's next attempt is somebody else's.
      time.pass(Duration.ofSeconds(15));
      attempt("alice", "198.51.100." + (10 + i));
    }
    time.pass(Duration.ofMinutes(1));
    for (int i = 1; i <= PER_NAME; i++) {
      attempt("alice", "198.51.100.2" + i);
    }
    assertThat(wait("alice", HOME)).isPositive();
    attempt("alice", "203.0.113.1").giveBack();
    time.pass(Duration.ofMinutes(20));
    for (int i = 1; i <= PER_NAME; i++) {
      attempt("alice", "198.51.100." + i);
    }
    attempt("alice", HOME);
  }

  // What the name has, and what is kept for newcomers.
  private void strangersSpendAllOf(String name) {
    for (int i = 1; i <= 2 * PER_NAME; i++) {
      attempt(name, "198.51.100." + i);
    }
  }

  @Test
  void aStrangerCantLockTheOwnerOutAtHome() {
    attempt("alice", HOME).succeeded();
    strangersSpendAllOf("alice");
    assertThat(wait("alice", "203.0.113.1")).as("in a new place").isPositive();

    for (int i = 0; i < 100; i++) {
      attempt("alice", HOME).succeeded();
    }
    attempt("alice", HOME);
    attempt("alice", HOME);
    assertThat(wait("alice", HOME)).as("a guesser at home").isPositive();
  }

  @Test
  void homeIsHomeForOneNameAndForAMonth() {
    attempt("alice", HOME).succeeded();
    strangersSpendAllOf("bob");
    assertThat(wait("bob", HOME)).as("another's home").isPositive();

    time.pass(Duration.ofDays(30));
    strangersSpendAllOf("alice");
    assertThat(wait("alice", HOME)).as("long ago").isPositive();
  }

  @Test
  void whoSucceedsIsNeverSlowed() {
    for (int i = 0; i < 1_000; i++) {
      attempt("alice", HOME).succeeded();
    }
  }

  @Test
  void attemptsThatAreUnderWayCountAndMayComeBack() {
    SignInAttempts.Answer.Attempt first = attemptUnderWay("alice", HOME);
    SignInAttempts.Answer.Attempt second = attemptUnderWay("alice", HOME);
    CompletableFuture<Void> ended = later("alice", HOME);
    assertThat(ended).as("a thousand at once are a thousand").isNotDone();
    assertThat(later("alice", HOME)).isNotDone();

    first.succeeded();
    first.close();
    first.close();
    assertThat(ended).isDone();
    attempt("alice", HOME);
    CompletableFuture<Void> next = later("alice", HOME);
    second.close();
    assertThat(next).isDone();
    assertThat(wait("alice", HOME)).as("all have failed").isPositive();
  }

  @Test
  void whatIsUnderWayElsewhereOrForAnotherNameIsNotWaitedFor() {
    attemptUnderWay("bob", HOME);
    attemptUnderWay("alice", "198.51.100.1");
    attempt("alice", HOME);
    attempt("alice", HOME);
    assertThat(wait("alice", HOME)).isPositive();
  }

  private CompletableFuture<Void> later(String name, String from) {
    SignInAttempts.Answer answer = attempts.ask(name, Network.address(from));
    assertThat(answer).isInstanceOf(SignInAttempts.Answer.Later.class);
    return ((SignInAttempts.Answer.Later) answer).ended();
  }

  @Test
  void anAddressPaysAsTheWorkBeginsAndGetsItBackUnlessItFails() {
    for (int i = 0; i < 10 * PER_ADDRESS; i++) {
      SignInAttempts.Answer.Attempt attempt = attempt("person" + i, HOME);
      assertThat(attempt.begin()).isTrue();
      attempt.succeeded();
    }
    for (int i = 0; i < PER_ADDRESS; i++) {
      assertThat(attempt("person" + i, HOME).begin()).isTrue();
    }
    SignInAttempts.Answer.Attempt another = attempt("another", HOME);
    assertThat(another.begin()).isFalse();
    assertThat(attempts.mustWait(Network.address(HOME))).contains(Duration.ofSeconds(20));
    another.giveBack();
    assertThat(attempts.mustWait(Network.address(HOME))).as("it had taken nothing").isPresent();
  }

  @Test
  void anAttemptThatWasGivenBackNeverBegins() {
    SignInAttempts.Answer.Attempt late = attempt("alice", HOME);
    late.giveBack();

    assertThat(late.begin()).isFalse();
    assertThat(byAddress.mustWait(Network.address(HOME))).isEmpty();
  }

  @Test
  void whoWaitsAtHisAddressTakesNothingFromTheOwner() {
    attempt("alice", "198.51.100.1");
    attempt("alice", "198.51.100.1");
    for (int i = 0; i < 100; i++) {
      assertThat(wait("alice", "198.51.100.1")).isPositive();
    }
    attempt("alice", HOME);
    attempt("alice", HOME);
  }

  @Test
  void whoWaitsForTheNameTakesNothingFromHisAddress() {
    strangersSpendAllOf("alice");
    for (int i = 0; i < 100; i++) {
      assertThat(wait("alice", HOME)).isPositive();
    }
    time.pass(Duration.ofSeconds(30));
    attempt("alice", HOME);
    attempt("alice", HOME);
  }

  @Test
  void ipv6SubnetIsOneHoweverManyAddressesItHas() {
    attempt("alice", "2001:db8:0:1::1");
    attempt("alice", "2001:db8:0:1:ffff::2");
    assertThat(wait("alice", "2001:db8:0:1::3")).isPositive();
    attempt("alice", "2001:db8:0:2::3");
  }

  @Test
  void nameAndAddressNeverRunTogether() {
    // As bytes, 65.66.67.68 and "efghx" are what 4142:4344:6566:6768::/64 and "x" are.
    attempt("efghx", "65.66.67.68");
    attempt("efghx", "65.66.67.68");
    attempt("x", "4142:4344:6566:6768::1");
    attempt("x", "4142:4344:6566:6768::1");
  }

  private SignInAttempts.Answer.Attempt attempt(String name, String from) {
    // It can still succeed or be given back.
    try (SignInAttempts.Answer.Attempt attempt = attemptUnderWay(name, from)) {
      return attempt;
    }
  }

  private SignInAttempts.Answer.Attempt attemptUnderWay(String name, String from) {
    SignInAttempts.Answer answer = attempts.ask(name, Network.address(from));
    assertThat(answer).isInstanceOf(SignInAttempts.Answer.Attempt.class);
    return (SignInAttempts.Answer.Attempt) answer;
  }

  private Duration wait(String name, String from) {
    SignInAttempts.Answer answer = attempts.ask(name, Network.address(from));
    assertThat(answer).isInstanceOf(SignInAttempts.Answer.Wait.class);
    return ((SignInAttempts.Answer.Wait) answer).time();
  }
}
