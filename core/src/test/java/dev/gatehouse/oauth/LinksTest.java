package dev.gatehouse.oauth;

import static dev.gatehouse.oauth.PeopleHouse.ANYONE;
import static dev.gatehouse.oauth.PeopleHouse.ANYONE_LINKED_BY_EMAIL;
import static dev.gatehouse.oauth.PeopleHouse.EMAIL;
import static dev.gatehouse.oauth.PeopleHouse.gitHub;
import static dev.gatehouse.oauth.PeopleHouse.identity;
import static dev.gatehouse.oauth.PeopleHouse.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.oauth.Links.LinkResult;
import dev.gatehouse.oauth.Links.SignInResult;
import dev.gatehouse.oauth.Links.UnlinkResult;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LinksTest {

  private static final AllowList LINKED_BY_EMAIL =
      new AllowList(false, Set.of(), Set.of(), Set.of(), true);

  private final PeopleHouse house = new PeopleHouse();
  private final Links links = house.links;

  private static VerifiedIdentity labelled(String label, String email) {
    return new VerifiedIdentity(
        "acme", "https://id.acme.example", "7", email, true, label, new TreeSet<>());
  }

  private Link linked(Account account, VerifiedIdentity who) {
    return ((LinkResult.Linked) links.link(account, who)).link();
  }

  @Test
  void somebodyUnknownIsRefusedUnlessInvitedOrLetIn() {
    for (VerifiedIdentity who :
        List.of(
            identity("7"),
            verified("7", "bob@example.com"),
            verified("7", EMAIL),
            gitHub("7", "alice", List.of("acme")))) {
      assertThat(house.signIn(who, AllowList.NOBODY)).isInstanceOf(SignInResult.Refused.class);
    }
    assertThat(house.people()).containsExactly(house.alice);
  }

  @Test
  void newAccountHasNoScopesAndNoRoles() {
    SignInResult.SignedIn bob =
        house.signedIn(verified("7", "bob@example.com"), ANYONE_LINKED_BY_EMAIL);

    assertThat(bob.first()).isTrue();
    assertThat(house.accounts.scopesOf(bob.account())).isEqualTo(Scopes.NONE);
    assertThat(bob.account().roles()).isEmpty();
    assertThat(bob.account().email()).isEqualTo("bob@example.com");
    assertThat(house.now(bob.account())).isEqualTo(bob.account());
    assertThat(links.of(bob.account().id())).containsExactly(bob.link());
    assertThat(bob.link().lastUsedAt()).isEqualTo(bob.link().createdAt());
  }

  @Test
  void personIsKnownByIssuerAndSubjectWhateverElseChanges() {
    Account bob =
        house.signedIn(verified("7", "bob@example.com"), ANYONE_LINKED_BY_EMAIL).account();
    house.time.pass(Duration.ofHours(1));

    SignInResult.SignedIn again =
        house.signedIn(
            new VerifiedIdentity(
                "acme-new-name",
                "https://id.acme.example",
                "7",
                "robert@example.org",
                true,
                "Robert",
                new TreeSet<>()),
            AllowList.NOBODY);

    assertThat(again.first()).isFalse();
    assertThat(again.account()).isEqualTo(bob);
    assertThat(again.account().email()).as("only what was there").isEqualTo("bob@example.com");
    assertThat(again.link().label()).isEqualTo("Robert");
    assertThat(again.link().provider()).isEqualTo("acme-new-name");
    assertThat(links.of(bob.id())).containsExactly(again.link());
    assertThat(house.people()).hasSize(2);
  }

  @Test
  void linkedPersonWhoseAddressBecomesThatOfAnotherAccountStaysWhoTheyAre() {
    Account bob = house.signedIn(identity("7"), ANYONE).account();

    SignInResult.SignedIn again = house.signedIn(verified("7", EMAIL), ANYONE_LINKED_BY_EMAIL);

    assertThat(again.account().id()).isEqualTo(bob.id());
    assertThat(links.of(house.alice.id())).isEmpty();
  }

  @Test
  void sameSubjectOfAnotherIssuerIsSomebodyElse() {
    linked(house.alice, identity("7"));

    SignInResult.SignedIn other = house.signedIn(gitHub("7", "alice", List.of()), ANYONE);

    assertThat(other.account().id()).isNotEqualTo(house.alice.id());
    assertThat(links.accountOf("https://id.acme.example", "7")).contains(house.alice);
    assertThat(links.accountOf("https://github.com", "7")).contains(other.account());
    assertThat(links.accountOf("acme", "7")).isEmpty();
    assertThat(links.accountOf("https://github.com", "alice")).isEmpty();
  }

  @Test
  void labelThatIsSomebodysNameOrAddressFindsNobody() {
    for (String label : List.of("alice", EMAIL, house.alice.id())) {
      VerifiedIdentity who =
          new VerifiedIdentity(
              "acme", "https://id.acme.example", label, null, false, label, new TreeSet<>());

      assertThat(house.signedIn(who, ANYONE_LINKED_BY_EMAIL).account().id())
          .isNotEqualTo(house.alice.id());
    }
  }

  @Test
  void addressThatTheProviderDidNotVerifyLinksAndLetsInNobody() {
    AllowList named = new AllowList(false, Set.of(EMAIL), Set.of("example.com"), Set.of(), true);

    assertThat(house.signIn(identity("7", EMAIL, false), named))
        .isInstanceOf(SignInResult.Refused.class);
    assertThat(house.signIn(identity("7", null, true), named))
        .isInstanceOf(SignInResult.Refused.class);

    SignInResult.SignedIn unverified = house.signedIn(identity("7", EMAIL, false), ANYONE);
    assertThat(unverified.account().id()).isNotEqualTo(house.alice.id());
    assertThat(unverified.account().email()).isNull();
  }

  @Test
  void saysThatAnAddressIsNotVerifiedExactlyWhereThatIsTheReason() {
    AllowList byAddress = new AllowList(false, Set.of(EMAIL), Set.of(), Set.of(), false);
    AllowList byDomain = new AllowList(false, Set.of(), Set.of("example.com"), Set.of(), false);
    for (AllowList allow : List.of(byAddress, byDomain, LINKED_BY_EMAIL)) {
      assertThat(whyRefused(identity("7", EMAIL, false), allow))
          .contains("their e-mail address is not verified", "email_verified");
      assertThat(whyRefused(identity("7", "bob@example.org", false), allow))
          .doesNotContain("verified");
      assertThat(whyRefused(identity("7"), allow)).doesNotContain("verified");
    }
    assertThat(whyRefused(identity("7", EMAIL, false), AllowList.NOBODY))
        .doesNotContain("verified");
    assertThat(whyRefused(verified("7", EMAIL), AllowList.NOBODY)).doesNotContain("verified");
  }

  private String whyRefused(VerifiedIdentity who, AllowList allow) {
    return ((SignInResult.Refused) house.signIn(who, allow)).why();
  }

  @Test
  void addressLinksOnlyWhereTheProvidersSettingSaysSo() {
    assertThat(house.signIn(verified("7", EMAIL), ANYONE))
        .isInstanceOf(SignInResult.HasAccount.class);
    assertThat(house.people()).containsExactly(house.alice);

    SignInResult.SignedIn alice =
        house.signedIn(verified("7", "Alice@Example.COM"), LINKED_BY_EMAIL);

    assertThat(alice.first()).isTrue();
    assertThat(alice.account()).as("with the scopes that she has").isEqualTo(house.alice);
    assertThat(links.of(house.alice.id())).containsExactly(alice.link());
    assertThat(house.signedIn(identity("7"), AllowList.NOBODY).first()).isFalse();
  }

  @Test
  void addressThatOnlyAnotherProviderVouchedForLinksNobody() {
    AllowList corp = new AllowList(false, Set.of(), Set.of("corp.example"), Set.of(), true);
    VerifiedIdentity owner = verified("4711", "victim@corp.example");

    Account planted = house.signedIn(ofForum("666", "victim@corp.example"), ANYONE).account();
    SignInResult.SignedIn arrived = house.signedIn(owner, corp);

    assertThat(planted.email()).isNull();
    assertThat(arrived.account().id()).isNotEqualTo(planted.id());
    assertThat(arrived.account().email()).isEqualTo("victim@corp.example");
    assertThat(links.of(planted.id())).hasSize(1);
  }

  @Test
  void newAccountHasTheAddressOnlyIfTheOperatorTrustsTheProviderWithIt() {
    AllowList byAddress = new AllowList(true, Set.of("bob@example.com"), Set.of(), Set.of(), false);
    AllowList byDomain = new AllowList(true, Set.of(), Set.of("example.com"), Set.of(), false);
    AllowList byOrganisation = new AllowList(false, Set.of(), Set.of(), Set.of("acme"), false);
    int number = 0;
    for (AllowList trusted : List.of(byAddress, byDomain, ANYONE_LINKED_BY_EMAIL)) {
      PeopleHouse fresh = new PeopleHouse();
      assertThat(fresh.signedIn(verified("7", "bob@example.com"), trusted).account().email())
          .isEqualTo("bob@example.com");
    }
    for (AllowList other : List.of(ANYONE, byAddress, byDomain, byOrganisation)) {
      VerifiedIdentity who =
          new VerifiedIdentity(
              "acme",
              "https://id.acme.example",
              "n" + number++,
              "bob@example.org",
              true,
              "bob@example.org",
              new TreeSet<>(Set.of("acme")));
      SignInResult.SignedIn arrived = house.signedIn(who, other);
      assertThat(arrived.account().email()).isNull();
      assertThat(arrived.link().label()).isEqualTo("bob@example.org");
    }
  }

  @Test
  void addressThatAnAccountKeepsLinksItsOwnerWhateverBroughtIt() {
    AllowList trusted = new AllowList(false, Set.of(), Set.of("corp.example"), Set.of(), false);
    Account byAdministrator = house.person("a", "a@corp.example");
    Account byInvitation =
        ((SignInResult.SignedIn)
                links.signIn(
                    ofForum("1", "i@corp.example"),
                    AllowList.NOBODY,
                    house.invite("i@corp.example").token()))
            .account();
    Account byTrustedProvider = house.signedIn(ofForum("2", "p@corp.example"), trusted).account();

    for (Account account : List.of(byAdministrator, byInvitation, byTrustedProvider)) {
      String email = Objects.requireNonNull(account.email());
      assertThat(house.signedIn(verified("of " + email, email), LINKED_BY_EMAIL).account().id())
          .isEqualTo(account.id());
    }
  }

  private static VerifiedIdentity ofForum(String subject, String email) {
    return new VerifiedIdentity(
        "forum", "https://forum.example", subject, email, true, subject, new TreeSet<>());
  }

  @Test
  void addressThatOnlyLooksAlikeOnceFoldedLinksNobody() {
    house.person("mike", "mike@example.com");
    house.person("mi-e", "mi\ufffde@example.com");

    for (String email :
        List.of(
            "miKe@example.com".replace('K', '\u212a'), // the Kelvin sign becomes a k
            "ｍike@example.com",
            "mi\ufffde@example.com",
            "mike＠example.com",
            "mike@example.com\u200b",
            "mike@example.com ",
            "mike@example.com\n")) {
      assertThat(house.signIn(verified("7", email), LINKED_BY_EMAIL))
          .as(email)
          .isInstanceOf(SignInResult.Refused.class);
    }
  }

  @Test
  void peopleWithoutAnEmailAddressGetAccountsToo() {
    Account one = house.signedIn(gitHub("1", "one", List.of()), ANYONE).account();
    Account two = house.signedIn(gitHub("2", "two", List.of()), ANYONE).account();

    assertThat(one.email()).isNull();
    assertThat(two.email()).isNull();
    assertThat(house.people()).hasSize(3);
  }

  @Test
  void whatIsNoEmailAddressIsNone() {
    int number = 0;
    for (String email : List.of("", "@", "a", "a@b@example.com", "a b@c", "x".repeat(5_000))) {
      Account account =
          house.signedIn(verified("n" + number++, email), ANYONE_LINKED_BY_EMAIL).account();
      assertThat(account.email()).as(email).isNull();
    }
  }

  @Test
  void disabledAccountIsRefusedByItsLinkAndByItsAddressAlike() {
    linked(house.alice, identity("7"));
    house.accounts.setDisabled("alice", true);

    assertThat(house.signIn(identity("7"), ANYONE)).isInstanceOf(SignInResult.Refused.class);
    assertThat(house.signIn(verified("8", EMAIL), ANYONE)).isInstanceOf(SignInResult.Refused.class);
    assertThat(house.signIn(verified("8", EMAIL), LINKED_BY_EMAIL))
        .isInstanceOf(SignInResult.Refused.class);
    assertThat(links.of(house.alice.id())).hasSize(1);
  }

  @Test
  void signedInAccountIsOfTheGenerationThatTheLinkWasReadWith() {
    linked(house.alice, identity("7"));
    house.accounts.endSignIns("alice");

    assertThat(house.signedIn(identity("7"), AllowList.NOBODY).account())
        .isEqualTo(house.now(house.alice));
  }

  @Test
  void nameOfANewAccountTellsWhereItIsFrom() {
    assertThat(house.signedIn(gitHub("1", "octocat", List.of()), ANYONE).account().name())
        .isEqualTo("octocat-github");
    assertThat(house.signedIn(gitHub("2", "octocat", List.of()), ANYONE).account().name())
        .matches("octocat-github-[0-9a-z]{8}");
    assertThat(house.signedIn(gitHub("3", "alice", List.of()), ANYONE).account().name())
        .as("not somebody whom an administrator named")
        .isEqualTo("alice-github");
  }

  @Test
  void nameIsMadeOfWhatIsVisibleInTheLabel() {
    assertThat(NewAccountNames.name(gitHub("1", "Zoë van Dyke", List.of())))
        .isEqualTo("zoe.van.dyke-github");
    assertThat(NewAccountNames.name(gitHub("1", "\u202eecila\u0000", List.of())))
        .isEqualTo("ecila-github");
    assertThat(NewAccountNames.name(gitHub("1", "bob@example.com", List.of())))
        .isEqualTo("bob-github");
    assertThat(NewAccountNames.name(gitHub("1", "山田", List.of()))).isEqualTo("person-github");
    assertThat(NewAccountNames.name(gitHub("1", "", List.of()))).isEqualTo("person-github");
    assertThat(NewAccountNames.name(labelled("山田", "yamada@example.com"))).isEqualTo("yamada-acme");
    assertThat(NewAccountNames.name(gitHub("1", "..-_-..", List.of()))).isEqualTo("person-github");
  }

  @Test
  void everyNameIsOneThatAnAccountCanHave() {
    VerifiedIdentity longest =
        new VerifiedIdentity(
            "p".repeat(60), "https://x", "1", null, false, "x".repeat(10_000), new TreeSet<>());
    VerifiedIdentity odd =
        new VerifiedIdentity(
            "_", "https://x", "1", null, false, "u_" + "1".repeat(22), new TreeSet<>());

    for (VerifiedIdentity who : List.of(longest, odd, gitHub("1", house.alice.id(), List.of()))) {
      String name = NewAccountNames.another(NewAccountNames.name(who));
      assertThat(dev.gatehouse.account.Accounts.isName(NewAccountNames.name(who))).isTrue();
      assertThat(dev.gatehouse.account.Accounts.isName(name)).as(name).isTrue();
    }
  }

  @Test
  void labelOfALinkHoldsNothingThatMovesThePage() {
    Link link =
        house
            .signedIn(gitHub("1", " a\u202eb\u0007c\u2028d\ud800e\u00a0f\n", List.of()), ANYONE)
            .link();
    assertThat(link.label()).isEqualTo("abcde f");

    assertThat(house.signedIn(gitHub("2", "\u200b", List.of()), ANYONE).link().label())
        .isEqualTo("2");
    assertThat(house.signedIn(gitHub("3", "x".repeat(5_000), List.of()), ANYONE).link().label())
        .hasSize(100);
  }

  @Test
  void somebodySignedInLinksAnIdentity() {
    Link link = linked(house.alice, identity("7"));

    assertThat(link.id()).matches("lnk_[0-9A-Za-z]{22}");
    assertThat(link.lastUsedAt()).isNull();
    assertThat(links.of(house.alice.id())).containsExactly(link);
    assertThat(links.link(house.alice, identity("7")))
        .isEqualTo(new LinkResult.AlreadyLinked(link));
    assertThat(house.signedIn(identity("7"), AllowList.NOBODY).account()).isEqualTo(house.alice);
  }

  @Test
  void identityOfAnotherAccountStaysThere() {
    linked(house.alice, identity("7"));
    Account bob = house.person("bob", null);

    assertThat(links.link(bob, identity("7"))).isEqualTo(new LinkResult.OfAnother());
    assertThat(links.of(bob.id())).isEmpty();
    assertThat(links.accountOf("https://id.acme.example", "7")).contains(house.alice);
  }

  @Test
  void linkingEndsWithTheSignInThatAskedForIt() {
    house.accounts.endSignIns("alice");
    assertThat(links.link(house.alice, identity("7"))).isEqualTo(new LinkResult.SignedOut());

    Account now = house.now(house.alice);
    house.accounts.setDisabled("alice", true);
    assertThat(links.link(now, identity("7"))).isEqualTo(new LinkResult.SignedOut());
    assertThat(links.of(house.alice.id())).isEmpty();
  }

  @Test
  void linksOfOnePersonAreBounded() {
    for (int i = 0; i < Links.MAX_LINKS; i++) {
      linked(house.alice, identity("n" + i));
    }

    assertThat(links.link(house.alice, identity("more"))).isEqualTo(new LinkResult.TooMany());
    assertThat(house.signIn(verified("more", EMAIL), LINKED_BY_EMAIL))
        .isInstanceOf(SignInResult.Refused.class);
    assertThat(links.link(house.alice, identity("n0")))
        .isInstanceOf(LinkResult.AlreadyLinked.class);
    assertThat(links.of(house.alice.id())).hasSize(Links.MAX_LINKS);
  }

  @Test
  void unlinkingEndsEverySignInAndTheIdentityIsUnknownAgain() {
    Link one = linked(house.alice, identity("7"));
    linked(house.alice, identity("8"));

    UnlinkResult unlinking = links.unlink(house.alice.id(), one.id(), false);

    assertThat(unlinking).isEqualTo(new UnlinkResult.Done(house.alice.withoutSignIns()));
    assertThat(house.now(house.alice)).isEqualTo(house.alice.withoutSignIns());
    assertThat(house.signIn(identity("7"), AllowList.NOBODY))
        .isInstanceOf(SignInResult.Refused.class);
    assertThat(links.unlink(house.alice.id(), one.id(), false))
        .isEqualTo(new UnlinkResult.NotFound());
  }

  @Test
  void lastWayInStaysUnlessAnAdministratorSaysSo() {
    Link only = linked(house.alice, identity("7"));

    assertThat(links.unlink(house.alice.id(), only.id(), false))
        .isEqualTo(new UnlinkResult.LastWayIn());
    assertThat(links.unlink(house.alice.id(), only.id(), true))
        .isInstanceOf(UnlinkResult.Done.class);
    assertThat(links.of(house.alice.id())).isEmpty();
  }

  @Test
  void identityWithoutASubjectOrAnIssuerIsNone() {
    for (String subject : List.of("", "x".repeat(256), "7\u0000", "7\n", "\ud800", "é")) {
      assertThatThrownBy(() -> identity(subject))
          .as(subject)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> new VerifiedIdentity("acme", "", "7", null, false, "x", new TreeSet<>()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void identitiesAndTokensShowNoAddressAndNoSecret() {
    assertThat(verified("7", EMAIL).toString()).doesNotContain("alice");
    assertThat(VerifiedEmail.of(verified("7", EMAIL)).orElseThrow().toString())
        .doesNotContain("alice");
  }
}
