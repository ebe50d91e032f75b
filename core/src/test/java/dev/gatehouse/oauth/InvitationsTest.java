package dev.gatehouse.oauth;

import static dev.gatehouse.oauth.PeopleHouse.ANYONE;
import static dev.gatehouse.oauth.PeopleHouse.ANYONE_LINKED_BY_EMAIL;
import static dev.gatehouse.oauth.PeopleHouse.EMAIL;
import static dev.gatehouse.oauth.PeopleHouse.identity;
import static dev.gatehouse.oauth.PeopleHouse.verified;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.oauth.Invitations.InvitationIssuance;
import dev.gatehouse.oauth.Links.SignInResult;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InvitationsTest {

  private final PeopleHouse house = new PeopleHouse();
  private final Invitations invitations = house.invitations;

  private SignInResult signIn(VerifiedIdentity who, InvitationIssuance.Issued invited) {
    return house.links.signIn(who, AllowList.NOBODY, invited.token());
  }

  @Test
  void invitedAccountHasTheGrantsOfTheInvitation() {
    InvitationIssuance.Issued invited = house.invite(null);

    SignInResult.SignedIn bob = (SignInResult.SignedIn) signIn(identity("7"), invited);

    assertThat(bob.account().roles()).containsExactly("clerk");
    assertThat(bob.account().scopes()).isEqualTo(Scopes.of("orders:read"));
    assertThat(house.accounts.scopesOf(bob.account()))
        .isEqualTo(Scopes.of("orders:read", "orders:write"));
    Invitation told = invitations.list(null, 10).getFirst();
    assertThat(told.account()).isEqualTo(bob.account().id());
    assertThat(told.acceptedAt()).isEqualTo(bob.account().createdAt());
  }

  @Test
  void invitationWorksOnce() {
    InvitationIssuance.Issued invited = house.invite(null);
    signIn(identity("7"), invited);

    assertThat(invitations.peek(invited.token())).isEmpty();
    assertThat(signIn(identity("8"), invited)).isEqualTo(new SignInResult.InvitationNotGood());
    assertThat(house.people()).hasSize(2);
  }

  @Test
  void invitationIsRefusedAtTheInstantAtWhichItEnds() {
    InvitationIssuance.Issued invited = house.invite(null);
    assertThat(invited.invitation().expiresAt())
        .isEqualTo(invited.invitation().createdAt().plus(Duration.ofDays(7)));

    house.time.pass(Duration.ofDays(7).minusMillis(1));
    assertThat(invitations.peek(invited.token())).contains(invited.invitation());

    house.time.pass(Duration.ofMillis(1));
    assertThat(invitations.peek(invited.token())).isEmpty();
    assertThat(signIn(identity("7"), invited)).isEqualTo(new SignInResult.InvitationNotGood());
    assertThat(house.people()).containsExactly(house.alice);
  }

  @Test
  void withdrawnInvitationIsNoneEvenWhereAnyoneIsLetIn() {
    InvitationIssuance.Issued invited = house.invite(null);

    assertThat(invitations.withdraw(invited.invitation().id())).isTrue();

    assertThat(invitations.withdraw(invited.invitation().id())).isFalse();
    assertThat(house.links.signIn(identity("7"), ANYONE, invited.token()))
        .isEqualTo(new SignInResult.InvitationNotGood());
  }

  @Test
  void textThatIsNoTokenIsNotLookedUp() {
    house.invite(null);

    for (String token :
        List.of(
            "",
            "x",
            "invite_" + "x".repeat(43) + "\n",
            "invite_" + "x".repeat(44),
            "invite_" + "é".repeat(43))) {
      assertThat(invitations.peek(token)).as(token).isEmpty();
      assertThat(house.links.signIn(identity("7"), AllowList.NOBODY, token))
          .isEqualTo(new SignInResult.InvitationNotGood());
    }
    assertThat(invitations.peek("invite_" + "x".repeat(43))).isEmpty();
  }

  @Test
  void invitationForAnAddressIsForWhomTheProviderVouches() {
    InvitationIssuance.Issued invited = house.invite("Bob@Example.com");

    for (VerifiedIdentity other :
        List.of(
            identity("7"),
            identity("7", "bob@example.com", false),
            verified("7", "rob@example.com"),
            verified("7", "bob@example.com.evil.example"))) {
      assertThat(signIn(other, invited))
          .isInstanceOfSatisfying(
              SignInResult.InvitationOfAnother.class,
              refused ->
                  assertThat(refused.why().contains("not verified"))
                      .as(refused.why())
                      .isEqualTo("bob@example.com".equals(other.email())));
    }
    assertThat(invitations.peek(invited.token())).as("not spent").isPresent();

    SignInResult.SignedIn bob =
        (SignInResult.SignedIn) signIn(verified("7", "bob@example.com"), invited);
    assertThat(bob.account().email()).isEqualTo("bob@example.com");
  }

  @Test
  void invitationForNoAddressGivesTheAccountNone() {
    SignInResult.SignedIn bob =
        (SignInResult.SignedIn) signIn(verified("7", "bob@example.com"), house.invite(null));

    assertThat(bob.account().email()).isNull();
  }

  @Test
  void invitationIsNotSpentBySomebodyWhoIsKnown() {
    house.links.link(house.alice, identity("7"));
    InvitationIssuance.Issued invited = house.invite(null);

    SignInResult.SignedIn alice = (SignInResult.SignedIn) signIn(identity("7"), invited);

    assertThat(alice.account()).as("with no other grants").isEqualTo(house.alice);
    assertThat(invitations.peek(invited.token())).contains(invited.invitation());
  }

  @Test
  void invitedPersonWithTheAddressOfAnAccountGetsNoSecondOne() {
    InvitationIssuance.Issued invited = house.invite(null);

    assertThat(signIn(verified("7", EMAIL), invited)).isInstanceOf(SignInResult.HasAccount.class);
    assertThat(house.people()).containsExactly(house.alice);

    SignInResult.SignedIn alice =
        (SignInResult.SignedIn)
            house.links.signIn(verified("7", EMAIL), ANYONE_LINKED_BY_EMAIL, invited.token());
    assertThat(alice.account()).isEqualTo(house.alice);
    assertThat(invitations.peek(invited.token())).contains(invited.invitation());
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    Duration week = Duration.ofDays(7);
    for (InvitationIssuance issuing :
        List.of(
            invitations.issue("no address", Set.of(), Scopes.NONE, week),
            invitations.issue("Ｂob@example.com", Set.of(), Scopes.NONE, week),
            invitations.issue("ALICE@example.com", Set.of(), Scopes.NONE, week),
            invitations.issue(null, Set.of("boss"), Scopes.NONE, week),
            invitations.issue(null, Set.of(), Scopes.NONE, Duration.ofSeconds(59)),
            invitations.issue(null, Set.of(), Scopes.NONE, Duration.ofDays(90).plusSeconds(1)))) {
      assertThat(issuing).isInstanceOf(InvitationIssuance.Refused.class);
    }
    assertThat(invitations.list(null, 10)).isEmpty();
  }

  @Test
  void tokenIsStoredAsADigestAndShownOnce() {
    InvitationIssuance.Issued invited = house.invite(null);

    assertThat(invited.token()).matches("invite_[0-9A-Za-z]{43}");
    assertThat(invited.invitation().id()).matches("inv_[0-9A-Za-z]{22}");
    assertThat(invited.toString()).doesNotContain(invited.token());
    assertThat(house.invitationStore.byDigest(Invitations.digest(invited.token())))
        .contains(invited.invitation());
    assertThat(invitations.list(null, 10).toString()).doesNotContain(invited.token());
  }

  @Test
  void purgeForgetsWhatIsOverForAMonth() {
    house.invite(null);
    signIn(identity("7"), house.invite(null));
    house.time.pass(Duration.ofDays(37));
    invitations.purge();
    assertThat(invitations.list(null, 10)).hasSize(2);

    house.time.pass(Duration.ofMillis(1));
    InvitationIssuance.Issued fresh = house.invite(null);
    invitations.purge();

    assertThat(invitations.list(null, 10)).containsExactly(fresh.invitation());
    assertThat(house.people()).extracting(Account::email).hasSize(2);
  }
}
