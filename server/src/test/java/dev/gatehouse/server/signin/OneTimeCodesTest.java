package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.testkit.FixedClock;
import dev.gatehouse.testkit.Race;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OneTimeCodesTest {

  private static final CodeVerifier VERIFIER = new CodeVerifier("v".repeat(43));
  private static final String CHALLENGE =
      CodeChallenge.compute(CodeChallengeMethod.S256, VERIFIER).getValue();
  private static final Account ALICE =
      new Account(
          "u_alice",
          Account.Kind.PERSON,
          "alice",
          null,
          new TreeSet<>(),
          Scopes.NONE,
          false,
          Instant.EPOCH,
          7,
          1);
  private static final SignIn SIGN_IN = new SignIn(ALICE, "https://a.example|1");

  private final FixedClock clock = FixedClock.at("2026-11-25T12:00:00Z");
  private final Seal seal = new Seal(RandomIds.bytes(32));
  private final OneTimeCodes codes = new OneTimeCodes(seal, new InMemoryReplayStore(10), clock);

  @Test
  void aCodeIsForItsAccountAsItWasThen() {
    assertThat(codes.redeem(codes.issue(SIGN_IN, CHALLENGE), VERIFIER.getValue()))
        .isEqualTo(new OneTimeCodes.Redeemed.Good("u_alice", 7, "https://a.example|1"));
  }

  @Test
  void exchangesTheCodeOfTheLongestIdentity() {
    String longest = "https://" + "i".repeat(504) + "|" + "%2C".repeat(255);
    String code = codes.issue(new SignIn(ALICE, longest), CHALLENGE);
    assertThat(codes.redeem(code, VERIFIER.getValue()))
        .isEqualTo(new OneTimeCodes.Redeemed.Good("u_alice", 7, longest));
  }

  @Test
  void codeExpiresExactlyAfterOneMinute() {
    String code = codes.issue(SIGN_IN, CHALLENGE);
    String early = codes.issue(SIGN_IN, CHALLENGE);
    clock.advance(OneTimeCodes.CODE_LIFETIME.minusMillis(1));
    assertThat(codes.redeem(early, VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Good.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(codes.redeem(code, VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.NotGood.class);
  }

  @Test
  void onlyOneOfManyConcurrentExchangesOfOneCodeSucceeds() throws Exception {
    String code = codes.issue(SIGN_IN, CHALLENGE);
    List<OneTimeCodes.Redeemed> all = Race.of(16, i -> codes.redeem(code, VERIFIER.getValue()));
    assertThat(all).filteredOn(OneTimeCodes.Redeemed.Good.class::isInstance).hasSize(1);
  }

  @Test
  void whereUsesCantBeRememberedNothingIsExchanged() {
    OneTimeCodes full = new OneTimeCodes(seal, new InMemoryReplayStore(1), clock);
    full.redeem(full.issue(SIGN_IN, CHALLENGE), VERIFIER.getValue());
    assertThat(full.redeem(full.issue(SIGN_IN, CHALLENGE), VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Unavailable.class);
  }

  @Test
  void codeThatWasForgottenByAClockThatWasAheadIsNotExchangedAgain() {
    InMemoryReplayStore uses = new InMemoryReplayStore(10);
    OneTimeCodes remembering = new OneTimeCodes(seal, uses, clock);
    String code = remembering.issue(SIGN_IN, CHALLENGE);
    assertThat(remembering.redeem(code, VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Good.class);

    uses.purge(clock.instant().plus(OneTimeCodes.CODE_LIFETIME).plusMillis(1));
    assertThat(remembering.redeem(code, VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Unavailable.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(remembering.redeem(remembering.issue(SIGN_IN, CHALLENGE), VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Good.class);
  }

  @Test
  void codeThatWasSealedForAnotherPurposeIsNone() {
    String sealed =
        seal.open(codes.issue(SIGN_IN, CHALLENGE).substring("ac_".length()), "one-time code");
    assertThat(codes.redeem("ac_" + seal.seal(sealed, "one-time code"), VERIFIER.getValue()))
        .isInstanceOf(OneTimeCodes.Redeemed.Good.class);
    for (String place : List.of("__Host-gatehouse-signin-AAAAAAAA", "one-time code/1", "")) {
      assertThat(codes.redeem("ac_" + seal.seal(sealed, place), VERIFIER.getValue()))
          .isEqualTo(new OneTimeCodes.Redeemed.NotGood("no code of this gate"));
    }
  }

  @Test
  void whatAnotherGateOrAnotherRoomSealedIsNoCode() {
    OneTimeCodes others =
        new OneTimeCodes(new Seal(RandomIds.bytes(32)), new InMemoryReplayStore(10), clock);
    for (String code :
        List.of(
            others.issue(SIGN_IN, CHALLENGE),
            "ac_" + seal.seal("{\"a\":\"u_alice\"}", "somewhere else"),
            "ac_",
            "",
            "ac_" + "A".repeat(5_000))) {
      assertThat(codes.redeem(code, VERIFIER.getValue()))
          .as(code)
          .isInstanceOf(OneTimeCodes.Redeemed.NotGood.class);
    }
  }
}
