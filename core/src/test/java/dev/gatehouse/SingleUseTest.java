package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// When the gate reserves the single use of a credential, and when it gives it back.
class SingleUseTest {

  private static final Policy HMAC = Policy.accepting(Method.HMAC);
  private static final Policy WRITING =
      HMAC.requiring(Map.of(Policy.ANY_OTHER, Scopes.of("orders:write")));

  private final Time time = new Time();
  private final Revocations revocations =
      new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
  private final Badge hmac =
      new Badge(Method.HMAC, CredentialLocation.SIGNATURE_FIELD, "X-Signature");
  private final Badge jwt =
      new Badge(Method.JWT, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Gate gate =
      new Gate(
          List.of(hmac, jwt),
          revocations,
          new FailedAttempts(100, time.ticker()),
          new Usage(),
          time.clock(),
          time.ticker());
  private final List<String> told = new ArrayList<>();
  private Runnable whileItIsReserved = () -> {};
  private @Nullable Outcome answer;

  private final SingleUse use =
      new SingleUse() {
        @Override
        public Finality finality() {
          return Finality.WHEN_SENT;
        }

        @Override
        public @Nullable Outcome reserve() {
          told.add("reserve");
          whileItIsReserved.run();
          return answer;
        }

        @Override
        public void confirm() {
          told.add("confirm");
        }

        @Override
        public void release() {
          told.add("release");
        }
      };

  SingleUseTest() {
    hmac.verifiedAtEachUse();
    signed(Badge.unconditional(), "orders:write");
    jwt.knowing("alice", "u_alice");
    jwt.knowing("bob", "u_bob");
  }

  private void signed(Conditions conditions, String... scopes) {
    Outcome.Accepted accepted = hmac.accepted("u_alice", "key", conditions, scopes);
    hmac.answering(
        "key",
        () ->
            new Outcome.Accepted(
                accepted.principal(), accepted.conditions(), accepted.root(), DIGEST, use));
    hmac.answeringAgain("key", () -> accepted);
  }

  private static final BodyDigest DIGEST = new BodyDigest("SHA-256", new byte[32]);

  private static AuthRequest request(String... fields) {
    Map<String, List<String>> all = new TreeMap<>();
    all.put("X-Signature", List.of("key"));
    for (int i = 0; i < fields.length; i += 2) {
      all.put(fields[i], List.of(fields[i + 1]));
    }
    return new AuthRequest("GET", "/", HeaderFields.of(all), Network.address("192.0.2.1"));
  }

  private static Decision.Admitted admitted(Decision decision) {
    return (Decision.Admitted) decision;
  }

  private static Reason reason(Decision decision) {
    return ((Decision.Refused) decision).refusal().reason();
  }

  @Test
  void admittedRequestHasItsUseReservedAndNotConfirmed() {
    assertThat(admitted(gate.admit(request(), WRITING)).singleUse()).isEqualTo(use);
    assertThat(told).containsExactly("reserve");
  }

  @Test
  void nothingIsReservedOfARequestThatIsRefusedForSomethingElse() {
    signed(Badge.until(time.now()), "orders:write");
    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INVALID_TOKEN);

    signed(Badge.unconditional());
    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INSUFFICIENT_SCOPE);

    signed(
        new Conditions(
            null, List.of(Network.parse("198.51.100.0/24")), null, Reason.INVALID_SIGNATURE),
        "orders:write");
    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INVALID_SIGNATURE);

    assertThat(told).isEmpty();
  }

  @Test
  void nothingIsReservedBeforeTheRateOfEachCredentialIsFree() {
    signed(new Conditions(null, List.of(), 1, Reason.INVALID_SIGNATURE));
    admitted(gate.admit(request(), HMAC));
    told.clear();

    assertThat(reason(gate.admit(request(), HMAC))).isEqualTo(Reason.THROTTLED);
    assertThat(told).isEmpty();
  }

  @Test
  void useIsReleasedWhenAnotherRequestTakesTheRateMeanwhile() {
    signed(new Conditions(null, List.of(), 1, Reason.INVALID_SIGNATURE));
    whileItIsReserved =
        () -> {
          whileItIsReserved = () -> {};
          admitted(gate.admit(request(), HMAC));
        };

    assertThat(reason(gate.admit(request(), HMAC))).isEqualTo(Reason.THROTTLED);
    assertThat(told).containsExactly("reserve", "reserve", "release");
  }

  @Test
  void useIsNotTakenFromTheRateWhenItCannotBeReserved() {
    signed(new Conditions(null, List.of(), 1, Reason.INVALID_SIGNATURE));
    answer = new Outcome.Rejected(Reason.REPLAYED, "again", "again").notCountedAsFailure();
    assertThat(reason(gate.admit(request(), HMAC))).isEqualTo(Reason.REPLAYED);
    answer = new Outcome.Unavailable(new IllegalStateException("down"));
    assertThat(reason(gate.admit(request(), HMAC))).isEqualTo(Reason.UNAVAILABLE);

    answer = null;
    admitted(gate.admit(request(), HMAC));
    assertThat(told).as("what was not reserved is not released").doesNotContain("release");
  }

  @Test
  void revocationThatIsHeardWhileTheUseIsReservedRefusesAndReleases() {
    hmac.answeringAgain("key", () -> new Outcome.Rejected(Reason.INVALID_SIGNATURE, "no", "no"));
    whileItIsReserved = this::hear;

    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(told).containsExactly("reserve", "release");
  }

  @Test
  void grantThatIsTakenWhileTheUseIsReservedRefusesAndReleases() {
    hmac.answeringAgain("key", () -> hmac.accepted("u_alice", "key", Badge.unconditional()));
    whileItIsReserved = this::hear;

    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INSUFFICIENT_SCOPE);
    assertThat(told).containsExactly("reserve", "release");
  }

  @Test
  void credentialThatEndsWhileTheUseIsReservedRefusesAndReleases() {
    signed(Badge.until(time.now().plusSeconds(1)), "orders:write");
    whileItIsReserved = () -> time.pass(Duration.ofSeconds(1));

    assertThat(reason(gate.admit(request(), WRITING))).isEqualTo(Reason.INVALID_TOKEN);
    assertThat(told).containsExactly("reserve", "release");
  }

  @Test
  void changeThatIsHeardMeanwhileAndLeavesTheKeyGoodAdmitsWithTheSameUseAndBody() {
    whileItIsReserved = this::hear;

    Decision.Admitted decision = admitted(gate.admit(request(), WRITING));
    assertThat(decision.singleUse()).isEqualTo(use);
    assertThat(decision.bodyDigest()).isEqualTo(DIGEST);
    assertThat(told).containsExactly("reserve");
    assertThat(gate.renew(decision, request())).isPresent();
  }

  @Test
  void nothingIsReservedOfAnAllOfThatOneOtherCredentialFails() {
    Policy both = new Policy(false, List.of(List.of(Method.HMAC, Method.JWT)), Map.of());
    assertThat(reason(gate.admit(request("Authorization", "nobody"), both)))
        .isEqualTo(Reason.INVALID_TOKEN);
    assertThat(reason(gate.admit(request("Authorization", "bob"), both)))
        .isEqualTo(Reason.METHOD_NOT_ACCEPTED);
    assertThat(told).isEmpty();

    admitted(gate.admit(request("Authorization", "alice"), both));
    assertThat(told).containsExactly("reserve");
  }

  @Test
  void reviewReservesNothing() {
    Decision.Admitted before = admitted(gate.admit(request(), WRITING));
    told.clear();

    assertThat(admitted(gate.review(before, request(), WRITING)).singleUse()).isNull();
    assertThat(told).isEmpty();
  }

  private void hear() {
    revocations.hear(new FeedEntry(1, FeedEntry.Kind.SUBJECT, "u_alice", time.now()));
  }
}
