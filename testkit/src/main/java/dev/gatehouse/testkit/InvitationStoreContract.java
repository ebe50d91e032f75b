package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.oauth.Invitation;
import dev.gatehouse.oauth.InvitationStore;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The contract suite of [InvitationStore]. Tests how invitations are found, listed, withdrawn and
/// removed. [LinkStoreContract] tests that an invitation is accepted only once.
public abstract class InvitationStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected InvitationStoreContract() {}

  private InvitationStore invitations() {
    return stores().invitations();
  }

  private static Invitation endingAt(String id, Instant end) {
    return new Invitation(id, null, new TreeSet<>(), Scopes.NONE, START, end, null, null);
  }

  @Test
  void invitationIsFoundByItsDigestAloneAndAsItWasAdded() {
    Invitation bound =
        new Invitation(
            "i2",
            "alice@example.com",
            new TreeSet<>(List.of("reader")),
            Scopes.NONE,
            START,
            START.plusSeconds(60),
            null,
            null);
    invitations().add(invitation("i1"), digest("one"));
    invitations().add(bound, digest("two"));

    assertThat(invitations().byDigest(digest("one"))).contains(invitation("i1"));
    assertThat(invitations().byDigest(digest("two"))).contains(bound);
    assertThat(invitations().byDigest(digest("i1"))).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    invitations().add(endingAt("i1", START.plusNanos(999_999)), digest("one"));

    assertThat(invitations().byDigest(digest("one"))).contains(endingAt("i1", START));
  }

  @Test
  void idOrDigestThatIsTakenIsRefused() {
    invitations().add(invitation("i1"), digest("one"));

    assertThatThrownBy(() -> invitations().add(endingAt("i1", START), digest("two")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> invitations().add(endingAt("i2", START), digest("one")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(invitations().list(null, 10)).containsExactly(invitation("i1"));
    assertThat(invitations().byDigest(digest("one"))).contains(invitation("i1"));
    assertThat(invitations().byDigest(digest("two"))).isEmpty();
  }

  @Test
  void listsInPagesInTheOrderOfIds() {
    for (String id : List.of("i2", "i3", "i1")) {
      invitations().add(invitation(id), digest(id));
    }

    assertThat(invitations().list(null, 2)).containsExactly(invitation("i1"), invitation("i2"));
    assertThat(invitations().list("i2", 2)).containsExactly(invitation("i3"));
    assertThat(invitations().list("i3", 2)).isEmpty();
    assertThatThrownBy(() -> invitations().list(null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withdrawnOneIsGone() {
    invitations().add(invitation("i1"), digest("one"));
    invitations().add(invitation("i2"), digest("two"));

    assertThat(invitations().withdraw("i1")).isTrue();

    assertThat(invitations().byDigest(digest("one"))).isEmpty();
    assertThat(invitations().withdraw("i1")).isFalse();
    assertThat(invitations().list(null, 10)).containsExactly(invitation("i2"));
  }

  @Test
  void acceptedOneIsNotWithdrawn() {
    invitations().add(invitation("i1"), digest("one"));
    stores().links().addAccount(person("a1"), link("l1", "a1"), digest("one"));

    assertThat(invitations().withdraw("i1")).isFalse();

    assertThat(invitations().byDigest(digest("one")).map(Invitation::account)).contains("a1");
  }

  @Test
  void purgeRemovesOnlyWhatEndedBefore() {
    invitations().add(endingAt("i1", START), digest("one"));
    invitations().add(endingAt("i2", START.plusMillis(1)), digest("two"));
    invitations().add(endingAt("i3", START.plusMillis(1)), digest("three"));
    stores().links().addAccount(person("a1"), link("l1", "a1"), digest("two"));

    invitations().purgeEndedBefore(START.plusMillis(1));
    assertThat(invitations().list(null, 10)).extracting(Invitation::id).containsExactly("i2", "i3");

    invitations().purgeEndedBefore(START.plusMillis(2));
    assertThat(invitations().list(null, 10)).isEmpty();
    assertThat(stores().accounts().byId("a1")).isPresent();
  }
}
