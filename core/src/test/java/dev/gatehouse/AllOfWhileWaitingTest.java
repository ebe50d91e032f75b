package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// An all-of, of which one credential changes while another one is verified.
class AllOfWhileWaitingTest {

  private static final Policy BOTH =
      new Policy(false, List.of(List.of(Method.API_KEY, Method.JWT)), Map.of())
          .requiring(Map.of(Policy.ANY_OTHER, Scopes.of("orders:read")));

  private final Time time = new Time();
  private final Revocations revocations =
      new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
  private final Badge key =
      new Badge(Method.API_KEY, CredentialLocation.API_KEY_FIELD, "X-API-Key");
  private final Badge jwt =
      new Badge(Method.JWT, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Gate gate =
      new Gate(
          List.of(key, jwt),
          revocations,
          new FailedAttempts(100, time.ticker()),
          new Usage(),
          time.clock(),
          time.ticker());

  private Runnable whileTheSecondIsVerified = () -> {};

  AllOfWhileWaitingTest() {
    key.knowing("k", "u_alice", "orders:read");
    jwt.answering(
        "j",
        () -> {
          whileTheSecondIsVerified.run();
          return jwt.accepted("u_alice", "j", Badge.unconditional());
        });
  }

  private static AuthRequest request() {
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of("X-API-Key", List.of("k"), "Authorization", List.of("j"))),
        Network.address("192.0.2.1"));
  }

  private String decision() {
    return gate.admit(request(), BOTH) instanceof Decision.Refused refused
        ? refused.refusal().reason().name()
        : "admitted";
  }

  private void firstBecomes(Outcome outcome) {
    key.answering("k", () -> outcome);
    revocations.hear(new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, "c_k", time.now()));
  }

  @Test
  void rejectsWhenTheFirstCredentialIsRevokedWhileTheSecondIsVerified() {
    whileTheSecondIsVerified =
        () -> firstBecomes(new Outcome.Rejected(Reason.INVALID_API_KEY, "no", "revoked"));

    assertThat(decision()).isEqualTo("INVALID_API_KEY");
  }

  @Test
  void rejectsWhenTheRecalledFirstCredentialIsRevokedWhileTheSecondIsVerified() {
    Policy first = Policy.accepting(Method.API_KEY);
    gate.admit(request(), first);
    assertThat(gate.recall(request(), first)).isPresent();
    whileTheSecondIsVerified =
        () -> firstBecomes(new Outcome.Rejected(Reason.INVALID_API_KEY, "no", "revoked"));

    assertThat(decision()).isEqualTo("INVALID_API_KEY");
  }

  @Test
  void rejectsWhenTheFirstCredentialLosesItsScopeWhileTheSecondIsVerified() {
    whileTheSecondIsVerified =
        () -> firstBecomes(key.accepted("u_alice", "k", Badge.unconditional()));

    assertThat(decision()).isEqualTo("INSUFFICIENT_SCOPE");
  }

  @Test
  void rejectsWhenTheFirstCredentialGetsAnotherOwnerWhileTheSecondIsVerified() {
    whileTheSecondIsVerified =
        () -> firstBecomes(key.accepted("u_bob", "k", Badge.unconditional(), "orders:read"));

    assertThat(decision()).isEqualTo("METHOD_NOT_ACCEPTED");
  }

  @Test
  void rejectsWhenTheFirstCredentialExpiresWhileTheSecondIsVerified() {
    Conditions ending = Badge.until(time.now().plusSeconds(1));
    key.answering("k", () -> key.accepted("u_alice", "k", ending, "orders:read"));
    whileTheSecondIsVerified = () -> time.pass(Duration.ofSeconds(1));

    assertThat(decision()).isEqualTo("INVALID_TOKEN");
  }

  @Test
  void admitsWhenTheFirstCredentialChangesAndIsStillGoodAndVerifiesOnlyItAgain() {
    whileTheSecondIsVerified =
        () -> firstBecomes(key.accepted("u_alice", "k", Badge.unconditional(), "orders:read"));

    assertThat(decision()).isEqualTo("admitted");
    assertThat(key.asked()).isEqualTo(2);
    assertThat(jwt.asked()).isEqualTo(1);
  }

  @Test
  void answers503WhenACredentialChangesEachTimeItIsVerified() {
    jwt.verifiedAtEachUse();
    whileTheSecondIsVerified =
        () -> revocations.hear(new FeedEntry(1, FeedEntry.Kind.SUBJECT, "u_alice", time.now()));

    assertThat(decision()).isEqualTo("UNAVAILABLE");
    assertThat(jwt.asked()).isEqualTo(3);
  }
}
