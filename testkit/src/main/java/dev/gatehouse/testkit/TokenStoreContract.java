package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.jwt.StoredRefreshToken;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.jwt.TokenStore.Use;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [TokenStore]. Tests how a refresh token is used once, how a second use
/// removes the family, how a lost answer is repeated within the grace, and how families are listed,
/// revoked and removed, also with concurrent callers.
public abstract class TokenStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected TokenStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final Account alice = person("a1");

  private TokenStore tokens() {
    return stores().tokens();
  }

  private static TokenFamily family(String id, String account) {
    return family(id, account, LATER, 0);
  }

  private static TokenFamily family(String id, String account, Instant expiresAt, long generation) {
    return new TokenFamily(
        id,
        account,
        "web",
        Scopes.of("orders:read"),
        generation,
        START,
        expiresAt,
        null,
        null,
        "pw_1");
  }

  /// Returns a refresh token. Its digest is derived from the text.
  private static StoredRefreshToken token(String text, String family) {
    return new StoredRefreshToken(digest(text), family, LATER);
  }

  /// Adds a family of the first account, with a first refresh token for this text.
  private void add(String family, String first) {
    tokens().add(family(family, "a1"), token(first, family));
  }

  /// Uses the refresh token of family f1, with no grace.
  private Use use(String text, String successor) {
    return use(text, successor, START, null, Duration.ZERO);
  }

  private Use use(
      String text, String successor, Instant now, @Nullable String sealed, Duration grace) {
    return tokens().use(digest(text), now, token(successor, "f1"), sealed, grace);
  }

  private Optional<String> familyOf(String text) {
    return tokens().token(digest(text)).map(found -> found.owned().family().id());
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(alice);
    stores().accounts().add(person("a2"));
  }

  @Test
  void familyIsFoundAsItWasAdded() {
    TokenFamily whole =
        new TokenFamily(
            "f2",
            "a2",
            "cli “x”",
            null,
            3,
            START,
            LATER,
            START.plusMillis(1),
            digest("c2"),
            "https://id.example|1");
    TokenFamily idle = new TokenFamily("f3", "a2", "cli", Scopes.NONE, 0, START, LATER, null);
    add("f1", "t1");
    tokens().add(whole, token("t2", "f2"));
    tokens().add(idle, token("t3", "f3"));

    TokenStore.Owned owned = new TokenStore.Owned(family("f1", "a1"), alice);
    assertThat(tokens().family("f1")).contains(owned);
    assertThat(tokens().token(digest("t1"))).contains(new TokenStore.Found(owned, false, 1));
    assertThat(tokens().family("f2")).contains(new TokenStore.Owned(whole, person("a2")));
    assertThat(tokens().family("f3")).contains(new TokenStore.Owned(idle, person("a2")));
    assertThat(tokens().family("f4")).isEmpty();
    assertThat(tokens().token(digest("t4"))).isEmpty();
  }

  @Test
  void addingAndRotatingWriteNoFeedRow() {
    add("f1", "t1");
    use("t1", "t2");

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    tokens()
        .add(
            new TokenFamily("f1", "a1", "web", null, 0, fine, LATER.plusNanos(1), fine),
            new StoredRefreshToken(digest("t1"), "f1", fine.plusMillis(1)));

    assertThat(tokens().family("f1").orElseThrow().family())
        .isEqualTo(new TokenFamily("f1", "a1", "web", null, 0, START, LATER, START));
    assertThat(use("t1", "t2", START.plusMillis(1), null, Duration.ZERO))
        .isEqualTo(new Use.Unknown());
  }

  @Test
  void familyOfNoAccountIsRefused() {
    assertThatThrownBy(() -> tokens().add(family("f1", "nobody"), token("t1", "f1")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(tokens().family("f1")).isEmpty();
    assertThat(familyOf("t1")).isEmpty();
  }

  @Test
  void secondFamilyOfAnIdOrTokenIsRefusedAndChangesNothing() {
    add("f1", "t1");

    assertThatThrownBy(() -> tokens().add(family("f1", "a2"), token("t2", "f1")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens().add(family("f2", "a2"), token("t1", "f2")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens().add(family("f2", "a2"), token("t2", "f1")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(tokens().family("f1")).contains(new TokenStore.Owned(family("f1", "a1"), alice));
    assertThat(familyOf("t1")).contains("f1");
    assertThat(familyOf("t2")).isEmpty();
    assertThat(tokens().family("f2")).isEmpty();
  }

  @Test
  void familyComesWithItsOwnerAsTheOwnerIsNowAndWhetherOrNotItIsStillGood() {
    TokenFamily over = family("f1", "a1", START.minusMillis(1), 0);
    tokens().add(over, new StoredRefreshToken(digest("t1"), "f1", START.minusMillis(1)));
    Account disabled = alice.withDisabled(true);

    stores().accounts().replace(disabled);

    TokenStore.Owned owned = new TokenStore.Owned(over, disabled);
    assertThat(tokens().family("f1")).contains(owned);
    assertThat(tokens().token(digest("t1"))).contains(new TokenStore.Found(owned, false, 1));
    assertThat(tokens().list("a1", null, 10)).containsExactly(owned);
  }

  @Test
  void askingForATokenSpendsNothingAndSaysWhetherItIsSpentAndHowManyThereAre() {
    add("f1", "t1");
    add("f2", "other");
    TokenStore.Owned owned = tokens().family("f1").orElseThrow();
    assertThat(tokens().token(digest("t1"))).contains(new TokenStore.Found(owned, false, 1));

    assertThat(use("t1", "t2")).isEqualTo(new Use.Rotated());

    assertThat(tokens().token(digest("t1"))).contains(new TokenStore.Found(owned, true, 2));
    assertThat(tokens().token(digest("t2"))).contains(new TokenStore.Found(owned, false, 2));
  }

  @Test
  void eachTokenIsGoodForOneSuccessor() {
    add("f1", "t1");

    assertThat(use("t1", "t2")).isEqualTo(new Use.Rotated());
    assertThat(use("t2", "t3")).isEqualTo(new Use.Rotated());
    assertThat(use("t3", "t4")).isEqualTo(new Use.Rotated());

    assertThat(familyOf("t1")).contains("f1");
    assertThat(familyOf("t4")).contains("f1");
    assertThat(familyOf("t5")).isEmpty();
    assertThat(tokens().family("f1")).contains(new TokenStore.Owned(family("f1", "a1"), alice));
  }

  @Test
  void secondUseRemovesTheFamilyAndItsRowIsHeardBeforeTheCallReturns() {
    add("f1", "t1");
    add("f2", "other");
    use("t1", "t2");
    clock.advance(Duration.ofSeconds(5));
    List<Boolean> seen = new ArrayList<>();
    stores().feed().onCommit(row -> seen.add(tokens().family(row.name()).isPresent()));

    assertThat(use("t1", "t3")).isEqualTo(new Use.Reused("f1"));

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "f1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(seen).containsExactly(false);
    assertThat(tokens().family("f1")).isEmpty();
    for (String text : List.of("t1", "t2", "t3")) {
      assertThat(familyOf(text)).isEmpty();
      assertThat(use(text, "t4")).isEqualTo(new Use.Unknown());
    }
    assertThat(heard).hasSize(1);
    assertThat(familyOf("other")).contains("f2");
  }

  @Test
  void anyTokenOfTheFamilyThatWasSpentRemovesIt() {
    add("f1", "t1");
    use("t1", "t2");
    use("t2", "t3");
    use("t3", "t4");

    assertThat(use("t1", "t5")).isEqualTo(new Use.Reused("f1"));

    assertThat(familyOf("t4")).isEmpty();
  }

  @Test
  void clientThatLostTheAnswerGetsTheSameSuccessorWithinTheGrace() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);

    Use again = new Use.Again("sealed t2");
    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(again);
    assertThat(use("t1", "t4", START.plus(GRACE).minusMillis(1), "sealed t4", GRACE))
        .isEqualTo(again);

    assertThat(familyOf("t3")).isEmpty();
    assertThat(familyOf("t4")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(use("t2", "t5", START.plus(GRACE), "sealed t5", GRACE)).isEqualTo(new Use.Rotated());
  }

  @Test
  void graceEndsAtItsInstant() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);

    assertThat(use("t1", "t3", START.plus(GRACE), "sealed t3", GRACE))
        .isEqualTo(new Use.Reused("f1"));
  }

  @Test
  void graceEndsWhenTheSuccessorIsUsed() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);
    use("t2", "t3", START, "sealed t3", GRACE);

    assertThat(use("t2", "t4", START, "sealed t4", GRACE)).isEqualTo(new Use.Again("sealed t3"));
    assertThat(use("t1", "t5", START, "sealed t5", GRACE)).isEqualTo(new Use.Reused("f1"));
    assertThat(familyOf("t3")).isEmpty();
  }

  @Test
  void graceEndsWhenTheSuccessorIsUsedWithoutOne() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);
    use("t2", "t3");

    assertThat(use("t1", "t4", START, "sealed t4", GRACE)).isEqualTo(new Use.Reused("f1"));
  }

  @Test
  void thereIsNoGraceForATokenThatWasSpentWithoutOneOrWhereItIsOffNow() {
    add("f1", "t1");
    use("t1", "t2");
    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Reused("f1"));

    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);
    assertThat(use("t1", "t3", START, null, Duration.ZERO)).isEqualTo(new Use.Reused("f1"));
  }

  @Test
  void lastUseOfAFamilyLeavesTheGraceAsItIs() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);
    tokens().touch(Map.of("f1", START.plusSeconds(1)));

    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Again("sealed t2"));
    assertThat(use("t2", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Rotated());
    assertThat(tokens().family("f1").orElseThrow().family().lastUsedAt())
        .isEqualTo(START.plusSeconds(1));
  }

  @Test
  void tokenThatWasNotUsedIsUnknownFromTheInstantAtWhichItExpires() {
    Instant end = START.plusSeconds(60);
    tokens().add(family("f1", "a1"), new StoredRefreshToken(digest("t1"), "f1", end));

    assertThat(use("t1", "t2", end, null, Duration.ZERO)).isEqualTo(new Use.Unknown());
    assertThat(familyOf("t2")).isEmpty();
    assertThat(use("t1", "t2", end.minusMillis(1), null, Duration.ZERO))
        .isEqualTo(new Use.Rotated());
    assertThat(heard).isEmpty();
  }

  @Test
  void tokenThatWasUsedGivesAThiefAwayAlsoAfterItsOwnEnd() {
    Instant end = START.plusSeconds(60);
    tokens().add(family("f1", "a1"), new StoredRefreshToken(digest("t1"), "f1", end));
    use("t1", "t2", end.minusMillis(1), null, Duration.ZERO);
    tokens().purge(end, START);

    assertThat(familyOf("t1")).contains("f1");
    assertThat(use("t1", "t3", LATER.minusMillis(1), null, Duration.ZERO))
        .isEqualTo(new Use.Reused("f1"));

    assertThat(familyOf("t2")).isEmpty();
    assertThat(heard).extracting(FeedEntry::name).containsExactly("f1");
  }

  @Test
  void graceOfATokenGoesOnPastItsOwnEnd() {
    Instant end = START.plusSeconds(60);
    tokens().add(family("f1", "a1"), new StoredRefreshToken(digest("t1"), "f1", end));
    use("t1", "t2", end.minusMillis(1), "sealed t2", GRACE);

    assertThat(use("t1", "t3", end, "sealed t3", GRACE)).isEqualTo(new Use.Again("sealed t2"));
  }

  @Test
  void tokenIsUnknownFromTheEndOfItsFamily() {
    Instant end = START.plusSeconds(60);
    tokens().add(family("f1", "a1", end, 0), token("t1", "f1"));
    assertThat(use("t1", "t2", end, null, Duration.ZERO)).isEqualTo(new Use.Unknown());
    assertThat(use("t1", "t2", end.minusMillis(1), null, Duration.ZERO))
        .isEqualTo(new Use.Rotated());

    assertThat(use("t1", "t3", end, null, Duration.ZERO)).isEqualTo(new Use.Unknown());
    assertThat(use("t2", "t3", end, null, Duration.ZERO)).isEqualTo(new Use.Unknown());

    assertThat(familyOf("t2")).contains("f1");
    assertThat(heard).isEmpty();
  }

  @Test
  void tokenIsUnknownOnceTheSignInsOfItsAccountEnded() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);
    stores().accounts().replace(alice.withDisabled(true));
    stores().accounts().replace(alice.withDisabled(true).withDisabled(false));
    heard.clear();

    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Unknown());
    assertThat(use("t2", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Unknown());

    assertThat(familyOf("t2")).contains("f1");
    assertThat(familyOf("t3")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void successorOfAnotherFamilyIsNotStored() {
    add("f1", "t1");
    add("f2", "other");

    assertThat(tokens().use(digest("t1"), START, token("t2", "f2"), null, Duration.ZERO))
        .isEqualTo(new Use.Unknown());

    assertThat(familyOf("t2")).isEmpty();
    assertThat(use("t1", "t2")).isEqualTo(new Use.Rotated());
  }

  @Test
  void successorThatIsStoredAlreadyIsRefusedAndChangesNothing() {
    add("f1", "t1");
    add("f2", "other");
    use("t1", "t2", START, "sealed t2", GRACE);

    assertThatThrownBy(() -> use("t2", "other", START, "sealed other", GRACE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> use("t2", "t2", START, "sealed t2", GRACE))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(familyOf("other")).contains("f2");
    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Again("sealed t2"));
    assertThat(use("t2", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Rotated());
  }

  @Test
  void unknownTokenChangesNothing() {
    add("f1", "t1");

    assertThat(use("none", "t2")).isEqualTo(new Use.Unknown());

    assertThat(familyOf("t2")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void revocationIsFinalAndItsRowIsHeardBeforeTheCallReturns() {
    add("f1", "t1");
    add("f2", "other");
    use("t1", "t2");
    clock.advance(Duration.ofSeconds(5));

    assertThat(tokens().revoke("f1")).isTrue();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "f1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(tokens().family("f1")).isEmpty();
    assertThat(familyOf("t1")).isEmpty();
    assertThat(use("t2", "t3")).isEqualTo(new Use.Unknown());
    assertThat(familyOf("other")).contains("f2");
  }

  @Test
  void secondRevocationChangesNothingAndWritesNoRow() {
    add("f1", "t1");
    tokens().revoke("f1");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(tokens().revoke("f1")).isFalse();
    assertThat(tokens().revoke("none")).isFalse();

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void lastUseNeverGoesBackwardsAndBringsNoFamilyBack() {
    add("f1", "t1");
    add("f2", "other");
    tokens().revoke("f2");
    heard.clear();

    for (int millis : new int[] {2, 1, 3}) {
      Instant at = START.plusMillis(millis);
      tokens().touch(Map.of("f1", at, "f2", at, "none", at));
      assertThat(tokens().family("f1").orElseThrow().family().lastUsedAt())
          .isEqualTo(START.plusMillis(Math.max(2, millis)));
    }
    tokens().touch(Map.of());

    assertThat(ids(null, null, 10)).containsExactly("f1");
    assertThat(heard).isEmpty();
  }

  @Test
  void pagesOfOneAccountOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("f3", "f1", "f5")) {
      tokens().add(family(id, "a1"), token(id, id));
    }
    for (String id : List.of("f4", "f2")) {
      tokens().add(family(id, "a2"), token(id, id));
    }

    assertThat(ids(null, null, 3)).containsExactly("f1", "f2", "f3");
    assertThat(ids(null, "f3", 3)).containsExactly("f4", "f5");
    assertThat(ids(null, "f5", 3)).isEmpty();
    assertThat(ids("a1", null, 2)).containsExactly("f1", "f3");
    assertThat(ids("a1", "f3", 2)).containsExactly("f5");
    assertThat(ids("a2", "f2", 2)).containsExactly("f4");
    assertThat(ids("a3", null, 2)).isEmpty();
    assertThat(tokens().list("a2", null, 1))
        .containsExactly(new TokenStore.Owned(family("f2", "a2"), person("a2")));
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> tokens().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens().list("a1", "f1", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void purgeRemovesWhatIsOverAndNothingElse() {
    Instant now = START.plusSeconds(60);
    stores().accounts().replace(alice.withoutSignIns());
    tokens().add(family("good", "a1", now.plusMillis(1), 1), token("good", "good"));
    tokens().add(family("other", "a2"), token("other", "other"));
    tokens().add(family("ended", "a1", now, 1), token("ended", "ended"));
    tokens().add(family("earlier", "a1", LATER, 0), token("earlier", "earlier"));
    tokens()
        .add(
            family("unused", "a1", LATER, 1),
            new StoredRefreshToken(digest("unused"), "unused", now));
    heard.clear();
    final long newest = stores().feed().newest();

    tokens().purge(now, START);

    assertThat(ids(null, null, 10)).containsExactly("good", "other");
    for (String gone : List.of("ended", "earlier", "unused")) {
      assertThat(familyOf(gone)).as(gone).isEmpty();
    }
    assertThat(familyOf("good")).contains("good");
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void purgeForgetsASuccessorOnceItsGraceIsOver() {
    add("f1", "t1");
    use("t1", "t2", START, "sealed t2", GRACE);

    tokens().purge(START, START.minusMillis(1));
    assertThat(use("t1", "t3", START, "sealed t3", GRACE)).isEqualTo(new Use.Again("sealed t2"));
    tokens().purge(START, START);
    assertThat(use("t2", "t3", START, "sealed t3", GRACE))
        .as("the rest of the family stays")
        .isEqualTo(new Use.Rotated());
    tokens().purge(START, START);

    assertThat(use("t2", "t4", START, "sealed t4", GRACE)).isEqualTo(new Use.Reused("f1"));
  }

  @Test
  void oneOfManyUsesAtOnceRotatesAndTheFamilyIsGone() {
    add("f1", "t1");

    List<Use> uses = Race.of(RUNNERS, number -> use("t1", "next" + number));

    assertThat(uses).containsOnlyOnce(new Use.Rotated()).containsOnlyOnce(new Use.Reused("f1"));
    assertThat(uses.stream().filter(new Use.Unknown()::equals)).hasSize(RUNNERS - 2);
    assertThat(tokens().family("f1")).isEmpty();
    for (int number = 0; number < RUNNERS; number++) {
      assertThat(familyOf("next" + number)).isEmpty();
    }
    assertThat(heard).extracting(FeedEntry::name).containsExactly("f1");
  }

  @Test
  void allOfManyUsesAtOnceGetTheSameSuccessorWithinTheGrace() {
    add("f1", "t1");

    List<Use> uses =
        Race.of(RUNNERS, number -> use("t1", "next" + number, START, "sealed " + number, GRACE));

    assertThat(uses).containsOnlyOnce(new Use.Rotated());
    int winner = uses.indexOf(new Use.Rotated());
    assertThat(uses.stream().filter(new Use.Again("sealed " + winner)::equals))
        .hasSize(RUNNERS - 1);
    for (int number = 0; number < RUNNERS; number++) {
      assertThat(familyOf("next" + number).isPresent()).isEqualTo(number == winner);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void familyThatIsRevokedWhileItIsUsedStaysGone() {
    for (int round = 0; round < 10; round++) {
      add("f1", "t1");

      Race.of(
          RUNNERS,
          number -> {
            switch (number) {
              case 0 -> tokens().revoke("f1");
              case 1 -> tokens().touch(Map.of("f1", LATER));
              default -> use("t1", "next" + number, START, "sealed", GRACE);
            }
            return number;
          });

      assertThat(tokens().family("f1")).isEmpty();
      assertThat(familyOf("t1")).isEmpty();
      for (int number = 2; number < RUNNERS; number++) {
        assertThat(familyOf("next" + number)).isEmpty();
      }
    }
  }

  private List<String> ids(@Nullable String account, @Nullable String afterId, int limit) {
    return tokens().list(account, afterId, limit).stream()
        .map(owned -> owned.family().id())
        .toList();
  }
}
