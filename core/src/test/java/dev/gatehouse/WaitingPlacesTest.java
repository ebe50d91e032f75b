package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a request is said to wait for, when it shows credentials that wait for different things.
class WaitingPlacesTest {

  private static final String ISSUER = "https://issuer.example";

  private final Time time = new Time();
  private final Badge signature =
      new Badge(Method.HMAC, CredentialLocation.SIGNATURE_FIELD, "X-Signature");
  private final Badge token =
      new Badge(Method.OAUTH, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Badge password =
      new Badge(Method.BASIC, CredentialLocation.API_KEY_FIELD, "X-Password");
  private final Gate gate =
      new Gate(
          List.of(signature, token, password),
          new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker()),
          new FailedAttempts(100, time.ticker()),
          new Usage(),
          time.clock(),
          time.ticker());

  WaitingPlacesTest() {
    signature.readingTheBody();
    token.ofIssuer(ISSUER);
    password.slow();
  }

  private static AuthRequest with(String... fields) {
    Map<String, List<String>> lines = new HashMap<>();
    for (String field : fields) {
      lines.put(field, List.of("x"));
    }
    return new AuthRequest("GET", "/", HeaderFields.of(lines), Network.address("192.0.2.1"));
  }

  private static Policy accepting(Method... all) {
    return new Policy(false, List.of(List.of(all)), Map.of());
  }

  @Test
  void onlyTheCredentialThatIsJudgedIsWaitedFor() {
    AuthRequest all = with("X-Signature", "Authorization", "X-Password");
    Method judged = Method.OAUTH;
    assertThat(gate.waitsFor(all, Policy.accepting(judged)))
        .isEqualTo(new Gate.Wait.OnIssuer(ISSUER));
    assertThat(gate.mayReadBody(all, Policy.accepting(judged))).isFalse();
  }

  @Test
  void aRequestThatIsRefusedByItsLookWaitsForNothing() {
    AuthRequest notAccepted = with("Authorization");
    Policy signed = Policy.accepting(Method.HMAC);
    assertThat(gate.waitsFor(notAccepted, signed)).isEqualTo(Gate.Wait.Here.STORE);
    assertThat(gate.mayReadBody(with("X-Signature"), Policy.accepting(Method.OAUTH))).isFalse();
  }

  @Test
  void anIssuerThatHangsHoldsNoPlaceOfBodies() {
    AuthRequest both = with("X-Signature", "Authorization");
    Policy bothNeeded = accepting(Method.HMAC, Method.OAUTH);
    assertThat(gate.waitsFor(both, bothNeeded)).isEqualTo(new Gate.Wait.OnIssuer(ISSUER));
    assertThat(gate.mayReadBody(both, bothNeeded)).isTrue();
  }

  @Test
  void aSlowHashComesFirst() {
    AuthRequest both = with("Authorization", "X-Password");
    assertThat(gate.waitsFor(both, accepting(Method.OAUTH, Method.BASIC)))
        .isEqualTo(Gate.Wait.Here.SLOW_HASH);
  }
}
