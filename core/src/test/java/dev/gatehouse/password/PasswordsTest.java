package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.revocation.FeedEntry;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PasswordsTest {

  private static final String PASSWORD = PasswordHouse.PASSWORD;
  private static final String OTHER = "another horse, another staple";
  private static final InetAddress HERE = PasswordHouse.HERE;

  private final PasswordHouse house = new PasswordHouse();
  private final Passwords passwords = house.passwords;

  @AfterEach
  void end() {
    house.close();
  }

  // Verifying.

  @ParameterizedTest
  @ValueSource(strings = {"alice", "ALICE", "alice@example.com", "Alice@EXAMPLE.com"})
  void nameAndAddressSignInWhateverTheirCase(String name) {
    Passwords.Verification.Verified verified = verified(name, PASSWORD);

    assertThat(verified.account()).isEqualTo(house.accounts.find("alice").orElseThrow());
    assertThat(verified.password().id()).matches("pw_[0-9A-Za-z]{22}");
    assertThat(verified.password().account()).isEqualTo(house.alice.id());
  }

  @Test
  void noAnswerTellsWhoHasAnAccount() {
    house.accounts.add(Account.Kind.PERSON, "carol", null, Set.of(), Scopes.NONE);
    passwords.set("carol", PASSWORD);
    house.accounts.setDisabled("carol", true);
    house.accounts.add(Account.Kind.PERSON, "dave", null, Set.of(), Scopes.NONE);
    house.store.replace(
        new StoredPassword("pw_broken", idOf("dave"), "no hash at all", house.time.now()), null);

    Set<String> answers = new HashSet<>();
    Set<String> causes = new HashSet<>();
    for (String[] wrong :
        List.of(
            new String[] {"alice", "wrong"},
            new String[] {"nobody", PASSWORD},
            new String[] {"bob", PASSWORD},
            new String[] {"shop", PASSWORD},
            new String[] {"carol", PASSWORD},
            new String[] {"dave", PASSWORD},
            new String[] {house.alice.id(), PASSWORD},
            new String[] {"alice", ""},
            new String[] {"alice", PASSWORD + "\0"},
            new String[] {"", PASSWORD},
            new String[] {"alice\0", PASSWORD},
            new String[] {"x".repeat(1_000_000), PASSWORD},
            new String[] {"alice", "x".repeat(1_000_000)})) {
      Outcome.Rejected rejected = rejected(wrong[0], wrong[1]);
      answers.add(rejected.reason() + rejected.detail() + rejected.retryAfter());
      causes.add(rejected.cause());
    }
    assertThat(answers).hasSize(1);
    assertThat(causes).as("operators are told more").hasSizeGreaterThan(4);
  }

  @Test
  void whatCantBeANameOrAPasswordIsNotLookedUp() {
    for (String odd : List.of("", "a\0", "\ud800")) {
      rejected(odd, PASSWORD);
      rejected("alice", odd);
    }
    assertThat(house.lookUps).hasValue(0);
    rejected("alice", "wrong");
    assertThat(house.lookUps).hasValue(1);
  }

  @Test
  void thePasswordTypedDecomposedIsTheSame() {
    passwords.set("alice", "Z\u00fcrich ist sch\u00f6n");
    verified("alice", "Zu\u0308rich ist scho\u0308n");
    rejected("alice", "Zurich ist schon");
  }

  @Test
  void aStoreThatIsDownIsNoAnswerAndNoAttempt() {
    house.down.set(true);
    for (int i = 0; i < 100; i++) {
      assertThat(passwords.verify("alice", PASSWORD, HERE))
          .isInstanceOf(Passwords.Verification.Unavailable.class);
    }
    house.down.set(false);
    verified("alice", PASSWORD);
  }

  // Throttling.

  @Test
  void wrongPasswordsAreThrottledWhetherOrNotThereIsSuchAnAccount() {
    List<Outcome.Rejected> known = guess("bob", 12);
    List<Outcome.Rejected> unknown = guess("nobody", 12);

    assertThat(known).extracting(Outcome.Rejected::reason).startsWith(Reason.INVALID_CREDENTIALS);
    assertThat(known.subList(10, 12))
        .allSatisfy(
            rejected -> {
              assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED);
              assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(6));
            });
    assertThat(unknown.stream().map(r -> r.reason() + r.detail() + r.retryAfter()))
        .isEqualTo(known.stream().map(r -> r.reason() + r.detail() + r.retryAfter()).toList());
  }

  @Test
  void theCaseOfANameGivesNoMoreAttempts() {
    guess("alice", 5);
    guess("ALICE", 5);
    assertThat(rejected("Alice", PASSWORD).reason()).isEqualTo(Reason.THROTTLED);
    house.time.pass(Duration.ofSeconds(6));
    verified("alice", PASSWORD);
  }

  @Test
  void strangersCantLockTheOwnerOutWhereSheSignedInLately() {
    verified("alice", PASSWORD);
    for (int i = 1; i <= 40; i++) {
      passwords.verify("alice", "guess " + i, Network.address("198.51.100." + i));
    }
    assertThat(passwords.verify("alice", PASSWORD, Network.address("203.0.113.1")))
        .as("in a new place she waits")
        .isInstanceOf(Passwords.Verification.Rejected.class);
    verified("alice", PASSWORD);
    house.time.pass(Duration.ofSeconds(3));
    assertThat(passwords.verify("alice", PASSWORD, Network.address("203.0.113.1")))
        .as("for seconds")
        .isInstanceOf(Passwords.Verification.Verified.class);
  }

  private List<Outcome.Rejected> guess(String name, int times) {
    List<Outcome.Rejected> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      answers.add(rejected(name, "guess " + i));
    }
    return answers;
  }

  // Hashing anew.

  @Test
  void anImportedHashIsMadeAnewAtTheNextSignInAndNobodyIsSignedOut() {
    String imported =
        "pbkdf2_sha256$1000$LmbN8uKYi4QzxPr0wT2dvA$"
            + "kWbSP2hhVNW7/QWX85wx16hvuQEed14Z9yf9m7FoHoY=";
    done(passwords.importHash("alice", imported));
    StoredPassword before = stored("alice");
    long rows = house.feed.newest();
    assertThat(before.hash()).isEqualTo(imported);

    Passwords.Verification.Verified verified = verified("alice", PASSWORD);

    StoredPassword after = stored("alice");
    assertThat(after.hash()).startsWith("{gatehouse-1}$argon2id$");
    assertThat(after.id()).isEqualTo(before.id()).isEqualTo(verified.password().id());
    assertThat(after.changedAt()).isEqualTo(before.changedAt());
    assertThat(house.feed.newest()).isEqualTo(rows);
    verified("alice", PASSWORD);
    assertThat(stored("alice").hash()).as("once").isEqualTo(after.hash());
  }

  @Test
  void aWrongPasswordMakesNoHashAnew() {
    String imported = "$2y$05$TXb9OytuCW2AfzvljaIgp.wGMg7glumPleCu750RJsmmUHVIu7KUG";
    done(passwords.importHash("alice", imported));
    rejected("alice", "wrong");
    assertThat(stored("alice").hash()).isEqualTo(imported);
    verified("alice", PASSWORD);
    assertThat(stored("alice").hash()).isNotEqualTo(imported);
  }

  @Test
  void typingErrorBeyondWhatAnImportedHashCoversLocksNoOwnerOut() {
    String right = "x".repeat(72) + "the end";
    String imported = BcryptHash.of(right.getBytes(StandardCharsets.UTF_8), 4);
    done(passwords.importHash("alice", imported));

    verified("alice", "x".repeat(72) + "teh end");
    verified("alice", "x".repeat(72));

    assertThat(stored("alice").hash()).isEqualTo(imported);
    verified("alice", right);
    assertThat(stored("alice").hash()).isEqualTo(imported);
    rejected("alice", "x".repeat(71));
    // A password that is set here is covered whole.
    done(passwords.change(idOf("alice"), right, right, HERE));
    rejected("alice", "x".repeat(72) + "teh end");
    verified("alice", right);
  }

  @Test
  void importedHashOfTheLongestPasswordThatItCoversIsMadeAnew() {
    String longest = "x".repeat(71);
    done(passwords.importHash("alice", BcryptHash.of(longest.getBytes(StandardCharsets.UTF_8), 4)));
    verified("alice", longest);
    assertThat(stored("alice").hash()).startsWith("{gatehouse-1}$argon2id$");
    verified("alice", longest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pa\u0308ssword", "pass\u00a0word", "pass\u3000word"})
  void importedHashOfWhatWasTypedIsMadeAnewOfTheNormalForm(String typed) {
    done(passwords.importHash("alice", BcryptHash.of(typed.getBytes(StandardCharsets.UTF_8), 4)));
    verified("alice", typed);
    assertThat(stored("alice").hash()).startsWith("{gatehouse-1}$argon2id$");
    verified("alice", typed);
    verified("alice", typed.replace("a\u0308", "\u00e4").replaceAll("[\u00a0\u3000]", " "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"BCRYPT", "ARGON2", "PBKDF2", "OWN"})
  void hashOfAnEmptyPasswordIsNotImported(String kind) {
    StoredPassword before = stored("alice");
    byte[] empty = new byte[0];
    String hash =
        switch (kind) {
          case "BCRYPT" -> BcryptHash.of(empty, 4);
          case "ARGON2" -> Argon2Hash.of(empty, PasswordHouse.CHEAP);
          case "OWN" -> StoredHash.Own.of(empty, PasswordHouse.CHEAP);
          default -> "pbkdf2_sha256$1$salt$8TXCeZO6+Ydzxc20ClcGzmo0XN5hsACmeFhlDNajJNc=";
        };
    assertThat(why(passwords.importHash("alice", hash))).contains("empty password");
    assertThat(stored("alice")).isEqualTo(before);
  }

  @Test
  void whatCantBeImportedIsRefusedWithItsReason() {
    StoredPassword before = stored("alice");
    assertThat(why(passwords.importHash("alice", "$1$abcdefgh$G1ejhF7nPYkFVPRdAqkPM/")))
        .contains("neither bcrypt");
    assertThat(why(passwords.importHash("shop", "{gatehouse-1}" + bcrypt()))).contains("people");
    assertThat(passwords.importHash("nobody", bcrypt()))
        .isInstanceOf(Passwords.Change.NotFound.class);
    assertThat(stored("alice")).isEqualTo(before);
  }

  private static String bcrypt() {
    return "$2y$05$TXb9OytuCW2AfzvljaIgp.wGMg7glumPleCu750RJsmmUHVIu7KUG";
  }

  // Changing and setting.

  @Test
  void aChangeEndsEverySignInAndTheOldPassword() {
    Account before = house.accounts.find("alice").orElseThrow();
    String oldId = stored("alice").id();
    long rows = house.feed.newest();

    Account after = done(passwords.change(before.id(), PASSWORD, OTHER, HERE));

    assertThat(after.generation()).isEqualTo(before.generation() + 1);
    assertThat(after).isEqualTo(house.accounts.find("alice").orElseThrow());
    assertThat(stored("alice").id()).isNotEqualTo(oldId);
    assertThat(house.feed.after(rows, 10))
        .extracting(FeedEntry::kind, FeedEntry::name)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(FeedEntry.Kind.SUBJECT, before.id()));
    rejected("alice", PASSWORD);
    verified("alice", OTHER);
  }

  @Test
  void aChangeNeedsTheCurrentPasswordAndIsThrottledAsASignInIs() {
    for (int i = 0; i < 10; i++) {
      assertThat(rejection(passwords.change(house.alice.id(), "wrong" + i, OTHER, HERE)).reason())
          .isEqualTo(Reason.INVALID_CREDENTIALS);
    }
    Outcome.Rejected throttled =
        rejection(passwords.change(house.alice.id(), PASSWORD, OTHER, HERE));
    assertThat(throttled.reason()).isEqualTo(Reason.THROTTLED);
    assertThat(throttled.retryAfter()).isPositive();
    assertThat(rejection(passwords.change(house.alice.id(), "\0", OTHER, HERE)).reason())
        .isEqualTo(Reason.INVALID_CREDENTIALS);
    assertThat(rejection(passwords.change("u_nobody", PASSWORD, OTHER, HERE)).reason())
        .isEqualTo(Reason.INVALID_CREDENTIALS);
    verified("alice", PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "eleven char",
        "tab\tin the middle",
        "alice@example.com",
        "ALICE@example.COM",
        "\uff41lice@example.com",
        "sk_live_0123456789abcdefghijABCDEFGHIJ0123456789abc" // the form of an API key
      })
  void aNewPasswordThatIsUnfitIsRefusedAndNothingChanges(String unfit) {
    StoredPassword before = stored("alice");
    assertThat(why(passwords.change(house.alice.id(), PASSWORD, unfit, HERE))).isNotBlank();
    assertThat(why(passwords.set("alice", unfit))).contains("password");
    ResetLink link = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    assertThat(why(passwords.reset(link.token(), unfit))).isNotBlank();
    assertThat(passwords.resettable(link.token())).as("the link is not spent").isPresent();
    assertThat(stored("alice")).isEqualTo(before);
  }

  @Test
  void lengthIsCountedInCharactersThatAPersonSees() {
    done(passwords.set("alice", "\ud83d\ude80".repeat(12)));
    assertThat(why(passwords.set("alice", "\ud83d\ude80".repeat(11)))).contains("at least 12");
    done(passwords.set("alice", "x".repeat(256)));
    assertThat(why(passwords.set("alice", "x".repeat(257)))).contains("at most 256");
    assertThat(why(passwords.set("alice", "x".repeat(1_025)))).contains("1024 bytes");
    house.accounts.add(Account.Kind.PERSON, "a-name-of-many-letters", null, Set.of(), Scopes.NONE);
    assertThat(why(passwords.set("a-name-of-many-letters", "A-name-of-many-LETTERS")))
        .contains("name");
  }

  @Test
  void onlyPeopleHavePasswords() {
    assertThat(why(passwords.set("shop", PASSWORD))).contains("people");
    assertThat(passwords.set("nobody", PASSWORD)).isInstanceOf(Passwords.Change.NotFound.class);
    assertThat(passwords.startReset("shop", Duration.ofHours(1))).isEmpty();
    assertThat(passwords.startReset("nobody", Duration.ofHours(1))).isEmpty();
    done(passwords.set("bob", PASSWORD));
    verified("bob@example.com", PASSWORD);
  }

  @Test
  void aChangeThatAnotherOvertookIsRefused() {
    String overtaken = stored("alice").id();
    done(passwords.set("alice", OTHER));
    assertThat(
            house.store.replace(
                new StoredPassword("pw_late", house.alice.id(), bcrypt(), Instant.EPOCH),
                overtaken))
        .isFalse();
    verified("alice", OTHER);
  }

  @Test
  void nothingIsSetWhileTheStoreIsDown() {
    house.down.set(true);
    for (Passwords.Change change :
        List.of(
            passwords.set("alice", OTHER),
            passwords.importHash("alice", bcrypt()),
            passwords.change(house.alice.id(), PASSWORD, OTHER, HERE),
            passwords.reset("reset_" + "x".repeat(43), OTHER))) {
      assertThat(change).isInstanceOf(Passwords.Change.Unavailable.class);
    }
    house.down.set(false);
    verified("alice", PASSWORD);
  }

  // Resetting.

  @Test
  void aLinkSetsThePasswordOnce() {
    ResetLink link = passwords.startReset("alice@example.com", Duration.ofHours(1)).orElseThrow();
    assertThat(link.token()).matches("reset_[0-9A-Za-z]{43}");
    assertThat(link.expiresAt()).isEqualTo(house.time.now().plus(Duration.ofHours(1)));
    assertThat(link.account().id()).isEqualTo(house.alice.id());
    assertThat(passwords.resettable(link.token()).map(Account::name)).contains("alice");

    Account after = done(passwords.reset(link.token(), OTHER));

    assertThat(after).isEqualTo(house.accounts.find("alice").orElseThrow());
    verified("alice", OTHER);
    rejected("alice", PASSWORD);
    assertThat(passwords.resettable(link.token())).isEmpty();
    assertThat(passwords.reset(link.token(), PASSWORD))
        .isInstanceOf(Passwords.Change.NotFound.class);
    verified("alice", OTHER);
  }

  @Test
  void aLinkIsRefusedAtTheInstantItExpires() {
    ResetLink link = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    house.time.pass(Duration.ofHours(1).minusMillis(1));
    assertThat(passwords.resettable(link.token())).isPresent();
    house.time.pass(Duration.ofMillis(1));
    assertThat(passwords.resettable(link.token())).isEmpty();
    assertThat(passwords.reset(link.token(), OTHER)).isInstanceOf(Passwords.Change.NotFound.class);
    passwords.purgeResets();
  }

  @Test
  void aLinkIsOverWithALaterOneOrAChangeAndOfNoUseToTheDisabled() {
    ResetLink first = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    ResetLink second = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    assertThat(passwords.resettable(first.token())).isEmpty();
    house.accounts.setDisabled("alice", true);
    assertThat(passwords.resettable(second.token())).isEmpty();
    assertThat(passwords.reset(second.token(), OTHER))
        .isInstanceOf(Passwords.Change.NotFound.class);
    house.accounts.setDisabled("alice", false);
    assertThat(passwords.resettable(second.token())).as("enabling brings none back").isEmpty();
    ResetLink third = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    house.accounts.endSignIns("alice");
    assertThat(passwords.resettable(third.token())).isEmpty();
    ResetLink fourth = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    done(passwords.change(house.alice.id(), PASSWORD, OTHER, HERE));
    assertThat(passwords.resettable(fourth.token())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "' OR 1=1 --", "\0", "\u00e4"})
  void whatIsNoTokenIsNotLookedUp(String token) {
    assertThat(passwords.resettable(token)).isEmpty();
    assertThat(passwords.resettable(token.repeat(10_000))).isEmpty();
    assertThat(passwords.reset(token, OTHER)).isInstanceOf(Passwords.Change.NotFound.class);
    assertThat(house.lookUps).hasValue(0);
  }

  @Test
  void theLifeOfALinkIsBounded() {
    for (Duration life :
        List.of(
            Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(59), Duration.ofDays(8))) {
      assertThatIllegalArgumentException().isThrownBy(() -> passwords.startReset("alice", life));
    }
  }

  @Test
  void nothingPrintsASecret() {
    ResetLink link = passwords.startReset("alice", Duration.ofHours(1)).orElseThrow();
    String printed =
        String.join(
            " ",
            link.toString(),
            verified("alice", PASSWORD).toString(),
            rejected("alice", "wrong and secret").toString(),
            stored("alice").toString());
    assertThat(printed)
        .doesNotContain(link.token())
        .doesNotContain(PASSWORD)
        .doesNotContain("wrong and secret")
        .doesNotContain("argon2");
  }

  private Passwords.Verification.Verified verified(String name, String password) {
    Passwords.Verification verification = passwords.verify(name, password, HERE);
    assertThat(verification).isInstanceOf(Passwords.Verification.Verified.class);
    return (Passwords.Verification.Verified) verification;
  }

  private Outcome.Rejected rejected(String name, String password) {
    Passwords.Verification verification = passwords.verify(name, password, HERE);
    assertThat(verification).isInstanceOf(Passwords.Verification.Rejected.class);
    return ((Passwords.Verification.Rejected) verification).rejected();
  }

  private static Account done(Passwords.Change change) {
    assertThat(change).isInstanceOf(Passwords.Change.Done.class);
    return ((Passwords.Change.Done) change).account();
  }

  private static String why(Passwords.Change change) {
    assertThat(change).isInstanceOf(Passwords.Change.Refused.class);
    return ((Passwords.Change.Refused) change).why();
  }

  private static Outcome.Rejected rejection(Passwords.Change change) {
    assertThat(change).isInstanceOf(Passwords.Change.Rejected.class);
    return ((Passwords.Change.Rejected) change).rejected();
  }

  private StoredPassword stored(String name) {
    StoredPassword stored = house.store.bySignInName(name).orElseThrow().password();
    assertThat(stored).isNotNull();
    return java.util.Objects.requireNonNull(stored);
  }

  private String idOf(String name) {
    return house.accounts.find(name).orElseThrow().id();
  }
}
