package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.oauth.Invitation;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.oauth.LinkStore.Addition;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.Links.UnlinkResult;
import dev.gatehouse.oauth.VerifiedIdentity;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [LinkStore]. Tests that an identity has one link, that a first sign-in
/// adds an account and a link in one transaction and spends the invitation once, how links are
/// removed, and how tokens of providers are kept, also with concurrent callers.
public abstract class LinkStoreContract extends StoreContract {

  private static final String ISSUER = "https://id.acme.example";

  private static final AllowList ANYONE_LINKED_BY_EMAIL =
      new AllowList(true, Set.of(), Set.of(), Set.of(), true);

  private final Account alice = person("a1");

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected LinkStoreContract() {}

  private Links arrivals() {
    Accounts accounts = new Accounts(stores().accounts(), Roles.NONE, clock);
    return new Links(
        links(), new Invitations(stores().invitations(), accounts, clock), accounts, clock);
  }

  private LinkStore links() {
    return stores().links();
  }

  private Optional<LinkStore.Owned> found(String subject) {
    return links().byIdentity(ISSUER, subject);
  }

  private void setPassword(String account) {
    stores().passwords().replace(new StoredPassword("p", account, "hash", START), null);
    heard.clear();
  }

  private static Link usedAt(Link link, Instant at) {
    return new Link(
        link.id(),
        link.account(),
        link.provider(),
        link.issuer(),
        link.subject(),
        link.label(),
        link.createdAt(),
        at);
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(alice);
    stores().accounts().add(person("a2"));
    heard.clear();
  }

  @Test
  void linkIsFoundWithItsOwnerByIssuerAndSubjectExactly() {
    assertThat(links().add(link("l1", "a1", "alice"), 0)).isTrue();

    assertThat(found("alice")).contains(new LinkStore.Owned(link("l1", "a1", "alice"), alice));
    for (String subject : List.of("Alice", "alic", "alice ", "alice%", "a1", "l1", "")) {
      assertThat(found(subject)).as(subject).isEmpty();
    }
    for (String issuer : List.of(ISSUER + "/", "HTTPS://id.acme.example", "acme")) {
      assertThat(links().byIdentity(issuer, "alice")).as(issuer).isEmpty();
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void linkComesWithItsOwnerAsTheOwnerIsNow() {
    links().add(link("l1", "a1"), 0);
    Account disabled = alice.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(found("subject of l1").map(LinkStore.Owned::owner)).contains(disabled);
  }

  @Test
  void linksOfAnAccountComeInTheOrderInWhichTheyWereMade() {
    Link later =
        new Link("l0", "a1", "github", "https://github.com", "1", "x", START.plusMillis(1), null);
    links().add(later, 0);
    links().add(link("l3", "a1"), 0);
    links().add(link("l2", "a1"), 0);
    links().add(link("l1", "a2"), 0);

    assertThat(links().of("a1")).containsExactly(link("l2", "a1"), link("l3", "a1"), later);
    assertThat(links().of("nobody")).isEmpty();
  }

  @Test
  void identityThatHasALinkGetsNoOther() {
    links().add(link("l1", "a1", "alice"), 0);

    assertThat(links().add(link("l2", "a2", "alice"), 0)).isFalse();
    assertThat(links().add(link("l2", "a1", "alice"), 0)).isFalse();
    assertThat(links().addAccount(person("a3"), link("l2", "a3", "alice"), null))
        .isEqualTo(Addition.IDENTITY_TAKEN);

    assertThat(found("alice").map(LinkStore.Owned::link)).contains(link("l1", "a1", "alice"));
    assertThat(links().of("a2")).isEmpty();
    assertThat(stores().accounts().byId("a3")).isEmpty();
  }

  @Test
  void idThatIsTakenIsRefusedAndChangesNothing() {
    links().add(link("l1", "a1"), 0);

    assertThatThrownBy(() -> links().add(link("l1", "a2", "other"), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> links().addAccount(person("a3"), link("l1", "a3", "other"), null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> links().addAccount(person("a3"), link("l2", "a1", "other"), null))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(found("other")).isEmpty();
    assertThat(stores().accounts().byId("a3")).isEmpty();
  }

  @Test
  void linkIsAddedOnlyToAPersonWhoseSignInsStillCount() {
    stores().accounts().add(service("s1"));
    stores().accounts().replace(alice.withoutSignIns());
    stores().accounts().replace(person("a2").withDisabled(true));

    assertThat(links().add(link("l1", "a1"), 0)).isFalse();
    assertThat(links().add(link("l1", "a1"), 2)).isFalse();
    assertThat(links().add(link("l1", "a2"), 1)).isFalse();
    assertThat(links().add(link("l1", "s1"), 0)).isFalse();
    assertThat(links().add(link("l1", "nobody"), 0)).isFalse();
    assertThat(found("subject of l1")).isEmpty();

    assertThat(links().add(link("l1", "a1"), 1)).isTrue();
  }

  @Test
  void accountComesWithItsFirstLinkOrNotAtAll() {
    Account taken = account("a3", Account.Kind.PERSON, "name of a1", null);
    Account sameId = account("a1", Account.Kind.PERSON, "other", null);
    Account known = account("a3", Account.Kind.PERSON, "other", "a1@example.com");

    assertThat(links().addAccount(taken, link("l3", "a3"), null)).isEqualTo(Addition.ACCOUNT_TAKEN);
    assertThat(links().addAccount(known, link("l3", "a3"), null)).isEqualTo(Addition.ACCOUNT_TAKEN);
    assertThat(links().addAccount(sameId, link("l3", "a1"), null))
        .isEqualTo(Addition.ACCOUNT_TAKEN);
    assertThat(stores().accounts().byId("a3")).isEmpty();
    assertThat(found("subject of l3")).isEmpty();

    assertThat(links().addAccount(person("a3"), link("l3", "a3"), null)).isEqualTo(Addition.ADDED);
    assertThat(found("subject of l3"))
        .contains(new LinkStore.Owned(link("l3", "a3"), person("a3")));
  }

  @Test
  void accountsWithoutAnEmailAddressAreAsManyAsCome() {
    for (String id : List.of("a3", "a4")) {
      assertThat(
              links()
                  .addAccount(
                      account(id, Account.Kind.PERSON, "name of " + id, null),
                      link("l" + id, id),
                      null))
          .isEqualTo(Addition.ADDED);
    }
    assertThat(found("subject of la4").orElseThrow().owner().email()).isNull();
  }

  @Test
  void invitationIsSpentWithTheAccountThatItMakes() {
    stores().invitations().add(invitation("i1"), digest("one"));

    assertThat(links().addAccount(person("a3"), link("l3", "a3"), digest("one")))
        .isEqualTo(Addition.ADDED);

    Invitation spent = stores().invitations().byDigest(digest("one")).orElseThrow();
    assertThat(spent.account()).isEqualTo("a3");
    assertThat(spent.acceptedAt()).isEqualTo(START);
    assertThat(links().addAccount(person("a4"), link("l4", "a4"), digest("one")))
        .isEqualTo(Addition.INVITATION_NOT_GOOD);
    assertThat(stores().accounts().byId("a4")).isEmpty();
    assertThat(found("subject of l4")).isEmpty();
    assertThat(stores().invitations().byDigest(digest("one"))).contains(spent);
  }

  @Test
  void invitationThatIsOverOrUnknownMakesNoAccount() {
    stores().invitations().add(invitation("i1"), digest("one"));
    Instant end = START.plusSeconds(3600);
    Link late = new Link("l3", "a3", "acme", ISSUER, "x", "x", end, null);
    Link inTime = new Link("l3", "a3", "acme", ISSUER, "x", "x", end.minusMillis(1), null);

    assertThat(links().addAccount(person("a3"), late, digest("one")))
        .isEqualTo(Addition.INVITATION_NOT_GOOD);
    assertThat(links().addAccount(person("a3"), inTime, digest("none")))
        .isEqualTo(Addition.INVITATION_NOT_GOOD);
    assertThat(stores().accounts().byId("a3")).isEmpty();

    assertThat(links().addAccount(person("a3"), inTime, digest("one"))).isEqualTo(Addition.ADDED);
  }

  @Test
  void invitationIsNotSpentByWhatIsNotAdded() {
    stores().invitations().add(invitation("i1"), digest("one"));
    links().add(link("l1", "a1", "alice"), 0);

    links().addAccount(person("a3"), link("l3", "a3", "alice"), digest("one"));
    links()
        .addAccount(
            account("a3", Account.Kind.PERSON, "name of a1", null),
            link("l3", "a3"),
            digest("one"));

    assertThat(stores().invitations().byDigest(digest("one"))).contains(invitation("i1"));
  }

  @Test
  void useIsNotedWithWhatTheProviderIsCalledNowAndNoTimeGoesBack() {
    links().add(link("l1", "a1", "alice"), 0);
    Instant later = START.plusSeconds(5);

    links().used("l1", "new name", "new label", later.plusNanos(999_999));
    Link used = new Link("l1", "a1", "new name", ISSUER, "alice", "new label", START, later);
    assertThat(links().of("a1")).containsExactly(used);

    links().used("l1", "old name", "old label", START);
    links().used("gone", "x", "x", later);
    assertThat(links().of("a1")).containsExactly(used);
    assertThat(heard).isEmpty();
  }

  @Test
  void unlinkingEndsAllSignInsAndItsRowIsHeardBeforeTheCallReturns() {
    links().add(link("l1", "a1"), 0);
    links().add(link("l2", "a1"), 0);
    final long newest = stores().feed().newest();
    clock.advance(Duration.ofSeconds(5));

    assertThat(links().remove("a1", "l1", false))
        .isEqualTo(new UnlinkResult.Done(alice.withoutSignIns()));

    FeedEntry row = new FeedEntry(newest + 1, FeedEntry.Kind.SUBJECT, "a1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(newest, 10)).containsExactly(row);
    assertThat(stores().accounts().byId("a1")).contains(alice.withoutSignIns());
    assertThat(links().of("a1")).containsExactly(link("l2", "a1"));
    assertThat(found("subject of l1")).isEmpty();
    assertThat(stores().accounts().byId("a2")).contains(person("a2"));
  }

  @Test
  void listenerNoLongerSeesTheLinkThatItHearsOf() {
    links().add(link("l1", "a1"), 0);
    List<Link> seen = new ArrayList<>();
    stores().feed().onCommit(row -> seen.addAll(links().of(row.name())));

    links().remove("a1", "l1", true);

    assertThat(heard).hasSize(1);
    assertThat(seen).isEmpty();
  }

  @Test
  void lastWayInStaysUnlessForced() {
    links().add(link("l1", "a1"), 0);
    links().add(link("l2", "a2"), 0);

    assertThat(links().remove("a1", "l1", false)).isEqualTo(new UnlinkResult.LastWayIn());
    assertThat(links().of("a1")).hasSize(1);
    assertThat(stores().accounts().byId("a1")).contains(alice);
    assertThat(heard).isEmpty();

    assertThat(links().remove("a1", "l1", true))
        .isEqualTo(new UnlinkResult.Done(alice.withoutSignIns()));
    assertThat(links().of("a1")).isEmpty();
  }

  @Test
  void passwordIsAnotherWayIn() {
    links().add(link("l1", "a1"), 0);
    setPassword("a1");

    assertThat(links().remove("a1", "l1", false)).isInstanceOf(UnlinkResult.Done.class);
  }

  @Test
  void passwordOfSomebodyElseIsNoWayIn() {
    links().add(link("l1", "a1"), 0);
    setPassword("a2");

    assertThat(links().remove("a1", "l1", false)).isEqualTo(new UnlinkResult.LastWayIn());
  }

  @Test
  void linkOfAnotherAccountIsNotFound() {
    links().add(link("l1", "a1"), 0);
    links().add(link("l2", "a1"), 0);

    assertThat(links().remove("a2", "l1", true)).isEqualTo(new UnlinkResult.NotFound());
    assertThat(links().remove("nobody", "l1", true)).isEqualTo(new UnlinkResult.NotFound());
    assertThat(links().remove("a1", "l3", true)).isEqualTo(new UnlinkResult.NotFound());

    assertThat(links().of("a1")).hasSize(2);
    assertThat(heard).isEmpty();
  }

  @Test
  void identityThatWasUnlinkedMayBeLinkedAnew() {
    links().add(link("l1", "a1", "alice"), 0);
    links().remove("a1", "l1", true);

    assertThat(links().add(link("l2", "a2", "alice"), 0)).isTrue();
    assertThat(found("alice").map(LinkStore.Owned::owner)).contains(person("a2"));
  }

  @Test
  void tokenIsKeptByItsLinkAndGoesWithIt() {
    links().add(link("l1", "a1", "alice"), 0);
    links().keepToken("l1", "first");
    links().keepToken("l1", "second");
    links().keepToken("gone", "none");

    assertThat(links().token("a1", ISSUER)).contains(new LinkStore.SealedToken("l1", "second"));
    assertThat(links().token("a1", "acme")).as("by its name in the configuration").isEmpty();
    assertThat(links().token("a1", ISSUER + "/")).isEmpty();
    assertThat(links().token("a2", ISSUER)).isEmpty();

    links().keepToken("l1", null);
    assertThat(links().token("a1", ISSUER)).isEmpty();

    links().keepToken("l1", "third");
    links().remove("a1", "l1", true);
    links().keepToken("l1", "late");
    assertThat(links().token("a1", ISSUER)).isEmpty();
    links().add(link("l1", "a1", "alice"), 1);
    assertThat(links().token("a1", ISSUER)).as("not even for the same id").isEmpty();
  }

  @Test
  void tokenIsReplacedOnlyIfItIsTheOneThatWasRead() {
    LinkStore.SealedToken first = new LinkStore.SealedToken("l1", "first");
    LinkStore.SealedToken second = new LinkStore.SealedToken("l1", "second");
    links().add(link("l1", "a1", "alice"), 0);
    assertThat(links().replaceToken(first, "other")).as("none is kept").isFalse();
    links().keepToken("l1", "first");

    assertThat(links().replaceToken(second, "other")).isFalse();
    assertThat(links().replaceToken(second, null)).isFalse();
    assertThat(links().token("a1", ISSUER)).contains(first);

    assertThat(links().replaceToken(first, "second")).isTrue();
    assertThat(links().token("a1", ISSUER)).contains(second);
    assertThat(links().replaceToken(second, null)).isTrue();
    assertThat(links().token("a1", ISSUER)).isEmpty();
    assertThat(links().replaceToken(second, "late")).isFalse();
    assertThat(links().token("a1", ISSUER)).isEmpty();
  }

  @Test
  void tokenIsOfTheLinkThatWasUsedLastAndHasOne() {
    links().add(usedAt(link("l1", "a1"), START.plusSeconds(2)), 0);
    links().add(usedAt(link("l2", "a1"), START.plusSeconds(1)), 0);
    links().add(link("l3", "a1"), 0);
    links().keepToken("l2", "two");
    links().keepToken("l3", "three");
    assertThat(links().token("a1", ISSUER)).contains(new LinkStore.SealedToken("l2", "two"));

    links().keepToken("l1", "one");
    assertThat(links().token("a1", ISSUER)).contains(new LinkStore.SealedToken("l1", "one"));
  }

  @Test
  void firstSignInsAtOnceMakeOneAccountAndOneLink() {
    stores().invitations().add(invitation("i1"), digest("one"));

    List<Addition> additions =
        Race.of(
            RUNNERS,
            number ->
                links()
                    .addAccount(
                        person("new" + number),
                        link("l" + number, "new" + number, "newcomer"),
                        digest("one")));

    assertThat(additions).containsOnlyOnce(Addition.ADDED);
    int winner = additions.indexOf(Addition.ADDED);
    assertThat(found("newcomer").orElseThrow().owner()).isEqualTo(person("new" + winner));
    assertThat(stores().accounts().list(Account.Kind.PERSON, null, 100)).hasSize(3);
    assertThat(stores().invitations().byDigest(digest("one")).map(Invitation::account))
        .contains("new" + winner);
  }

  @Test
  void onePersonWhoArrivesManyTimesAtOnceIsSignedInToOneAccount() {
    Links arrivals = arrivals();
    VerifiedIdentity who =
        new VerifiedIdentity(
            "acme", ISSUER, "newcomer", "new@example.com", true, "New", new TreeSet<>());

    List<Links.SignInResult> arrived =
        Race.of(RUNNERS, number -> arrivals.signIn(who, ANYONE_LINKED_BY_EMAIL, null));

    String id = found("newcomer").orElseThrow().owner().id();
    assertThat(arrived)
        .allSatisfy(
            arrival ->
                assertThat(((Links.SignInResult.SignedIn) arrival).account().id()).isEqualTo(id));
    assertThat(arrived.stream().filter(one -> ((Links.SignInResult.SignedIn) one).first()))
        .hasSize(1);
    assertThat(links().of(id)).hasSize(1);
    assertThat(stores().accounts().list(Account.Kind.PERSON, null, 100)).hasSize(3);
  }

  @Test
  void peopleOfOneNameWhoArriveAtOnceGetAnAccountEach() {
    Links arrivals = arrivals();

    List<Links.SignInResult> arrived =
        Race.of(
            RUNNERS,
            number ->
                arrivals.signIn(
                    new VerifiedIdentity(
                        "acme", ISSUER, "n" + number, null, false, "Sam", new TreeSet<>()),
                    ANYONE_LINKED_BY_EMAIL,
                    null));

    assertThat(arrived)
        .allMatch(one -> one instanceof Links.SignInResult.SignedIn in && in.first());
    assertThat(stores().accounts().list(Account.Kind.PERSON, null, 100)).hasSize(2 + RUNNERS);
  }

  @Test
  void invitationMakesOneAccountHoweverManyAcceptItAtOnce() {
    stores().invitations().add(invitation("i1"), digest("one"));

    List<Addition> additions =
        Race.of(
            RUNNERS,
            number ->
                links()
                    .addAccount(
                        person("new" + number), link("l" + number, "new" + number), digest("one")));

    assertThat(additions).containsOnlyOnce(Addition.ADDED);
    assertThat(additions).containsOnly(Addition.ADDED, Addition.INVITATION_NOT_GOOD);
    assertThat(stores().accounts().list(Account.Kind.PERSON, null, 100)).hasSize(3);
  }

  @Test
  void invitationIsWithdrawnOrAcceptedButNeverBoth() {
    stores().invitations().add(invitation("i1"), digest("one"));

    List<Boolean> done =
        Race.of(
            2,
            number ->
                number == 0
                    ? stores().invitations().withdraw("i1")
                    : links().addAccount(person("a3"), link("l3", "a3"), digest("one"))
                        == Addition.ADDED);

    assertThat(done).containsOnlyOnce(true);
    assertThat(stores().accounts().byId("a3").isPresent()).isEqualTo(done.get(1));
  }

  @Test
  void ofAllWaysInThatAreTakenAtOnceOneStays() {
    for (int number = 0; number < RUNNERS; number++) {
      links().add(link("l" + number, "a1"), 0);
    }

    List<UnlinkResult> removed =
        Race.of(RUNNERS, number -> links().remove("a1", "l" + number, false));

    assertThat(removed).containsOnlyOnce(new UnlinkResult.LastWayIn());
    assertThat(links().of("a1")).hasSize(1);
    assertThat(heard).hasSize(RUNNERS - 1);
  }

  @Test
  void linksOfOneIdentityToManyAccountsAtOnceLeaveOne() {
    List<Boolean> added =
        Race.of(
            RUNNERS,
            number -> links().add(link("l" + number, number % 2 == 0 ? "a1" : "a2", "one"), 0));

    assertThat(added).containsOnlyOnce(true);
    assertThat(links().of("a1").size() + links().of("a2").size()).isEqualTo(1);
  }
}
