package dev.gatehouse.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Scopes;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.text.Normalizer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AccountsTest {

  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(Clock.systemUTC());
  private final Accounts accounts =
      new Accounts(
          new InMemoryAccountStore(feed),
          new Roles(Map.of("clerk", Scopes.of("orders:read"))),
          Clock.systemUTC());

  private Accounts.Change add(
      Account.Kind kind, String name, @Nullable String email, String... roles) {
    return accounts.add(kind, name, email, Set.of(roles), Scopes.of("a"));
  }

  @Test
  void anAccountHasItsOwnScopesAndThoseOfItsRoles() {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of("clerk"), Scopes.of("a"));

    Account shop = accounts.find("shop").orElseThrow();
    assertThat(accounts.scopesOf(shop)).isEqualTo(Scopes.of("a", "orders:read"));
    assertThat(accounts.find(shop.id())).contains(shop);
  }

  @Test
  void whatIsNoNameNoAddressOrNoRoleIsRefused() {
    for (String name : List.of("", " ", "-x", "a b", "ä", "a/b", "x".repeat(65), "a\n")) {
      assertThat(add(Account.Kind.PERSON, name, "a@example.com"))
          .as(name)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
    for (String email : List.of("", "a", "@b", "a@", "a b@c", "a@b@c", "a:b@c")) {
      assertThat(add(Account.Kind.PERSON, "alice", email))
          .as(email)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
    assertThat(add(Account.Kind.SERVICE, "shop", "shop@example.com"))
        .isInstanceOf(Accounts.Change.Refused.class);
    assertThat(add(Account.Kind.PERSON, "alice", "a@example.com", "boss"))
        .isEqualTo(
            new Accounts.Change.Refused(
                "there is no role 'boss'; the configuration defines [clerk]"));
    assertThat(accounts.list(Account.Kind.PERSON, null, 10)).isEmpty();
  }

  @Test
  void aNameNeverStandsForAnotherAccountsId() {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    String id = accounts.find("alice").orElseThrow().id();

    assertThat(add(Account.Kind.PERSON, id, "b@example.com"))
        .isInstanceOf(Accounts.Change.Refused.class);
  }

  @Test
  void everyChangeOfWhatAnAccountMayDoIsInTheFeedAndNoOther() {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    assertThat(feed.newest()).isZero();

    accounts.grant("alice", Set.of("clerk"), Scopes.NONE);
    accounts.setDisabled("alice", true);
    accounts.setDisabled("alice", true); // changes nothing
    assertThat(feed.after(0, 10)).hasSize(2);

    assertThat(accounts.setDisabled("nobody", true)).isEqualTo(new Accounts.Change.NotFound());
    assertThat(feed.after(0, 10)).hasSize(2);
  }

  // Names and addresses: RFC 8265 §3.3.1 maps width, then case, then composes.

  @Test
  void aNameIsTheSameHoweverItIsTyped() {
    add(Account.Kind.PERSON, "Kate.I", null);
    Account kate = accounts.find("kate.i").orElseThrow();

    for (String typed :
        List.of(
            "KATE.I",
            "kate.i",
            "\u212Aate.i", // the sign for kelvin is a K
            "ＫＡＴＥ．Ｉ",
            "ｋate．i")) {
      assertThat(accounts.find(typed)).as(typed).contains(kate);
      assertThat(add(Account.Kind.PERSON, typed, null)).isInstanceOf(Accounts.Change.Refused.class);
    }
    for (String other :
        List.of(
            "kate.\u0131",
            "kate.\u0130",
            "kate.i\u0307",
            "k\u0430te.i",
            "kate\u200B.i",
            " kate.i")) {
      assertThat(accounts.find(other)).as(other).isEmpty();
      assertThat(add(Account.Kind.PERSON, other, null))
          .as(other)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
  }

  @Test
  void theCaseIsNobodysLanguage() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      add(Account.Kind.PERSON, "INGRID", "INGRID@EXAMPLE.COM");
    } finally {
      Locale.setDefault(before);
    }

    assertThat(accounts.find("ingrid")).isPresent();
    assertThat(accounts.find("Ingrid@Example.com")).isEqualTo(accounts.find("ingrid"));
  }

  @Test
  void anAddressIsTheSameComposedOrNotInWhateverCaseAndWidth() {
    for (List<String> forms :
        List.of(
            List.of("jos\u00e9@x.example", "jose\u0301@x.example", "JOSE\u0301@X.EXAMPLE"),
            // Composed in lower case only: T̈ has no letter of its own, ẗ has.
            List.of("\u1e97@x.example", "t\u0308@x.example", "T\u0308@X.example"),
            List.of("\u01f0@x.example", "J\u030c@x.example"),
            List.of("\u00e5@x.example", "\u212b@x.example", "A\u030A@x.example"),
            List.of("ss\u00df@x.example", "SS\u1e9e@x.example"),
            List.of("ann@x.example.org", "ａｎｎ@x.example.org", "ＡＮＮ＠Ｘ．example.org"),
            List.of("\u30ac@x.example", "\uff76\uff9e@x.example"),
            // Two marks in the one order or the other.
            List.of("a\u0323\u0302@x.example", "A\u0302\u0323@x.example"))) {
      String name = "n" + forms.hashCode();
      assertThat(add(Account.Kind.PERSON, name.replace('-', '_'), forms.getFirst()))
          .as("%s", forms)
          .isInstanceOf(Accounts.Change.Done.class);
      Account account = accounts.find(forms.getFirst()).orElseThrow();
      for (String form : forms) {
        assertThat(accounts.find(form)).as(form).contains(account);
        assertThat(add(Account.Kind.PERSON, "other", form))
            .as(form)
            .isInstanceOf(Accounts.Change.Refused.class);
      }
    }
  }

  @Test
  void sharpSIsNotSsAndDotlessIIsNotI() {
    assertThat(Accounts.folded("stra\u00dfe@x")).isNotEqualTo(Accounts.folded("strasse@x"));
    assertThat(Accounts.folded("\u0131@x")).isNotEqualTo(Accounts.folded("i@x"));
    assertThat(Accounts.folded("\u0130@x")).contains("i\u0307@x");
  }

  @Test
  void foldingTwiceChangesNothing() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      // Some letters compose with a mark in lower case only.
      boolean capital = Character.isUpperCase(codePoint);
      for (String mark :
          capital ? List.of("", "\u0307", "\u0308", "\u030c", "\u0331") : List.of("")) {
        String folded = Accounts.folded(Character.toString(codePoint) + mark).orElseThrow();
        if (!Accounts.folded(folded).orElseThrow().equals(folded)) {
          throw new AssertionError("U+%x and '%s'".formatted(codePoint, mark));
        }
      }
    }
  }

  @Test
  void noAddressHoldsWhatNobodySees() {
    for (String unseen :
        List.of(
            "\u200b",
            "\u200d",
            "\u202e",
            "\u2066",
            "\ufeff",
            "\u00ad",
            "\u00a0",
            "\u3000",
            "\u2028",
            "\u0085",
            "\u0000",
            "\u007f",
            "\ue000",
            "\ud800",
            "\u0378",
            "\udb40\udc41",
            // Default_Ignorable_Code_Point, though letters and marks
            "\u034f",
            "\u115f",
            "\u1160",
            "\u17b4",
            "\u17b5",
            "\u180b",
            "\u180f",
            "\u3164",
            "\ufe00",
            "\ufe0f",
            "\uffa0",
            "\udb40\udd00",
            "\udb40\uddef",
            // a Braille pattern without a dot
            "\u2800")) {
      for (String email : List.of("al%sice@x.example", "alice@x%s.example", "%salice@x.example")) {
        assertThat(add(Account.Kind.PERSON, "alice", email.formatted(unseen)))
            .as("U+%x", (int) unseen.charAt(0))
            .isInstanceOf(Accounts.Change.Refused.class);
      }
    }
    assertThat(accounts.list(Account.Kind.PERSON, null, 10)).isEmpty();
  }

  @Test
  void aNameHoldsNoAtSoThatItNeverStandsForAnAddress() {
    for (String name : List.of("a@b", "@", "alice@example.com", "a\uff20b", "a\ufe6bb")) {
      assertThat(add(Account.Kind.PERSON, name, null))
          .as(name)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
  }

  @Test
  void aPersonIsFoundByAddressNameOrIdAndByNothingElse() {
    add(Account.Kind.PERSON, "alice", "Alice@Example.com");
    Account alice = accounts.find("alice").orElseThrow();

    assertThat(alice.email()).isEqualTo("alice@example.com");
    assertThat(accounts.find("ALICE@example.COM")).contains(alice);
    assertThat(accounts.find(alice.id())).contains(alice);
    for (String other :
        List.of(
            "",
            "@",
            "alice@",
            "@example.com",
            "alice@example.com ",
            "alice@example.com.",
            "example.com",
            alice.id().toUpperCase(Locale.ROOT),
            alice.id() + "@example.com",
            "alice\0")) {
      assertThat(accounts.find(other)).as(other).isEmpty();
    }
  }

  @Test
  void nothingThatFoldsToTheFormOfAnIdIsAName() {
    for (String name :
        List.of(
            "u_" + "a".repeat(22),
            "S_" + "0".repeat(22),
            "U_" + "A".repeat(22),
            "ｕ＿" + "a".repeat(22),
            "u_" + "\u212A".repeat(22),
            "u_" + "ａ".repeat(22))) {
      assertThat(add(Account.Kind.PERSON, name, null))
          .as(name)
          .isEqualTo(new Accounts.Change.Refused("a name may not look like an account's id"));
    }
    assertThat(add(Account.Kind.PERSON, "u_" + "a".repeat(21), null))
        .isInstanceOf(Accounts.Change.Done.class);
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void anEndlessNameIsSoughtInNoTime() {
    // Marks out of their order: to order them takes the square of their number.
    String marks = "a" + "\u0301".repeat(500_000) + "\u0323".repeat(500_000);

    assertThat(accounts.find(marks)).isEmpty();
    assertThat(accounts.find("@" + marks)).isEmpty();
    assertThat(accounts.setDisabled(marks, true)).isEqualTo(new Accounts.Change.NotFound());
  }

  @Test
  void theLongestAddressIsFoundInItsLongestForm() {
    // U+1F82 is one character composed, and four not.
    String email = "\u1f82".repeat(64) + "@" + "\u1f82".repeat(189);
    add(Account.Kind.PERSON, "alice", email);

    assertThat(accounts.find(Normalizer.normalize(email, Normalizer.Form.NFD))).isPresent();
  }

  // Generations.

  @Test
  void whatEndsSignInsStartsANewGenerationAndNothingElseDoes() {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    assertThat(generation()).isZero();

    accounts.grant("alice", Set.of("clerk"), Scopes.NONE);
    assertThat(generation()).as("other grants").isZero();
    accounts.setDisabled("alice", false);
    assertThat(generation()).as("enabled all along").isZero();
    accounts.endSignIns("a@example.com");
    assertThat(generation()).isEqualTo(1);
    accounts.endSignIns("alice");
    assertThat(generation()).as("each time").isEqualTo(2);
    accounts.setDisabled("alice", true);
    assertThat(generation()).isEqualTo(3);
    accounts.setDisabled("alice", true);
    assertThat(generation()).as("disabled already").isEqualTo(3);
    accounts.setDisabled("alice", false);
    assertThat(generation()).as("enabling brings none back").isEqualTo(3);
    assertThat(feed.after(0, 10)).as("each change, and none that changed nothing").hasSize(5);
  }

  @Test
  void endingSignInsNeedsAnAccount() {
    assertThat(accounts.endSignIns("nobody")).isEqualTo(new Accounts.Change.NotFound());
    assertThat(feed.newest()).isZero();
  }

  @Test
  void noGenerationIsLostWhenManyEndTheSignInsAtOnce() throws Exception {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    AtomicInteger done = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    if (accounts.endSignIns("alice") instanceof Accounts.Change.Done) {
                      done.incrementAndGet();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(generation()).isEqualTo(done.get()).isPositive();
    assertThat(feed.after(0, 100)).hasSize(done.get());
  }

  private long generation() {
    return accounts.find("alice").orElseThrow().generation();
  }
}
