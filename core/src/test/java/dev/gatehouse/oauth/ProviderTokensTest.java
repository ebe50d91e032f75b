package dev.gatehouse.oauth;

import static dev.gatehouse.oauth.PeopleHouse.gitHub;
import static dev.gatehouse.oauth.PeopleHouse.identity;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Seal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProviderTokensTest {

  private static final String ACME = "https://id.acme.example";

  private static final ProviderToken TOKEN =
      new ProviderToken(
          "gho_access \" \\ é",
          "ghr_refresh",
          new TreeSet<>(List.of("repo", "https://example.com/scope")),
          Instant.parse("2026-03-04T05:06:07.123456789Z"));

  private final PeopleHouse house = new PeopleHouse();
  private final ProviderTokens tokens = house.tokens;
  private final Link link = link(house.alice, "7");

  private Link link(Account account, String subject) {
    return ((Links.LinkResult.Linked) house.links.link(account, identity(subject))).link();
  }

  private @Nullable ProviderToken kept() {
    return tokens.of(house.alice.id(), ACME).map(ProviderTokens.Kept::token).orElse(null);
  }

  @Test
  void tokenComesBackAsItWasKept() {
    tokens.keep(link.id(), link.issuer(), TOKEN);
    assertThat(tokens.of(house.alice.id(), ACME))
        .hasValueSatisfying(
            kept -> {
              assertThat(kept.link()).isEqualTo(link.id());
              assertThat(kept.token()).isEqualTo(TOKEN);
            });

    ProviderToken least = new ProviderToken("a", null, new TreeSet<>(), null);
    tokens.keep(link.id(), link.issuer(), least);
    assertThat(kept()).isEqualTo(least);
  }

  @Test
  void tokenIsStoredSealedAndHasNoTextForm() {
    tokens.keep(link.id(), link.issuer(), TOKEN);

    String sealed = house.store.token(house.alice.id(), ACME).orElseThrow().sealed();
    assertThat(sealed).doesNotContain("gho_").doesNotContain("ghr_");
    assertThat(TOKEN.toString()).doesNotContain("gho_").doesNotContain("ghr_");
    assertThat(tokens.of(house.alice.id(), ACME).toString()).doesNotContain("gho_");
    assertThat(house.store.token(house.alice.id(), ACME).toString()).doesNotContain(sealed);
  }

  @Test
  void tokenThatWasMovedToAnotherRowDoesNotOpen() {
    Account mallory = house.person("mallory", null);
    Link other = link(mallory, "8");
    tokens.keep(link.id(), link.issuer(), TOKEN);

    house.store.keepToken(
        other.id(), house.store.token(house.alice.id(), ACME).orElseThrow().sealed());

    assertThatThrownBy(() -> tokens.of(mallory.id(), ACME))
        .isInstanceOf(Seal.BrokenSealException.class);
    assertThat(kept()).isEqualTo(TOKEN);
  }

  @Test
  void tokenDoesNotOpenWithAnotherMasterKey() {
    tokens.keep(link.id(), link.issuer(), TOKEN);
    byte[] otherKey = new byte[32];
    Arrays.fill(otherKey, (byte) 1);

    assertThatThrownBy(
            () -> new ProviderTokens(house.store, new Seal(otherKey)).of(house.alice.id(), ACME))
        .isInstanceOf(Seal.BrokenSealException.class);
  }

  @Test
  void tokenIsForgottenWithItsLink() {
    tokens.keep(link.id(), link.issuer(), TOKEN);

    house.links.unlink(house.alice.id(), link.id(), true);
    tokens.keep(link.id(), link.issuer(), TOKEN);

    assertThat(kept()).isNull();
  }

  @Test
  void tokenIsForgottenWhenThatIsSaid() {
    tokens.keep(link.id(), link.issuer(), TOKEN);

    assertThat(tokens.replace(tokens.of(house.alice.id(), ACME).orElseThrow(), ACME, null))
        .isTrue();

    assertThat(kept()).isNull();
    assertThat(house.links.of(house.alice.id())).hasSize(1);
  }

  @Test
  void tokenThatWasKeptMeanwhileIsNeitherReplacedNorForgotten() {
    ProviderToken newer = new ProviderToken("newer", null, new TreeSet<>(), null);
    tokens.keep(link.id(), link.issuer(), TOKEN);
    ProviderTokens.Kept before = tokens.of(house.alice.id(), ACME).orElseThrow();
    tokens.keep(link.id(), link.issuer(), newer);

    assertThat(tokens.replace(before, ACME, null)).isFalse();
    assertThat(tokens.replace(before, ACME, TOKEN)).isFalse();
    assertThat(kept()).isEqualTo(newer);

    assertThat(tokens.replace(tokens.of(house.alice.id(), ACME).orElseThrow(), ACME, TOKEN))
        .isTrue();
    assertThat(kept()).isEqualTo(TOKEN);
  }

  @Test
  void tokenIsOfOneProviderAndOneAccount() {
    tokens.keep(link.id(), link.issuer(), TOKEN);
    house.links.link(house.alice, gitHub("1", "alice", List.of()));

    assertThat(tokens.of(house.alice.id(), "https://github.com")).isEmpty();
    assertThat(tokens.of(house.person("bob", null).id(), ACME)).isEmpty();
  }

  @Test
  void tokenDoesNotOpenForAnotherIssuer() {
    tokens.keep(link.id(), "https://old.acme.example", TOKEN);

    assertThatThrownBy(() -> tokens.of(house.alice.id(), ACME))
        .isInstanceOf(Seal.BrokenSealException.class);
  }

  @Test
  void tokenIsOfTheLinkThatWasUsedLast() {
    house.time.pass(Duration.ofMinutes(1));
    Link newer = link(house.alice, "8");
    tokens.keep(link.id(), link.issuer(), TOKEN);
    tokens.keep(
        newer.id(), newer.issuer(), new ProviderToken("newer", null, new TreeSet<>(), null));
    assertThat(kept()).extracting(ProviderToken::accessToken).isEqualTo("newer");

    house.time.pass(Duration.ofMinutes(1));
    house.signedIn(identity("7"), AllowList.NOBODY);
    assertThat(kept()).isEqualTo(TOKEN);
  }

  @Test
  void tokenOfNoSaneLengthIsNotKeptNorWhatWasBefore() {
    tokens.keep(link.id(), link.issuer(), TOKEN);

    tokens.keep(
        link.id(),
        link.issuer(),
        new ProviderToken("x".repeat(65_536), null, new TreeSet<>(), null));

    assertThat(kept()).isNull();
  }
}
