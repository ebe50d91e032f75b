package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.mtls.ClientCertificateStore.Ended;
import dev.gatehouse.mtls.StoredAuthority;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [ClientCertificateStore] keeps to.
public abstract class ClientCertificateStoreContract extends StoreContract {

  /// A suite for fresh stores, one set for each test.
  protected ClientCertificateStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));
  private static final String CA = "ca_1";

  private final Account owner = service("o1");

  private ClientCertificateStore certificates() {
    return stores().clientCertificates();
  }

  private StoredClientCertificate stored(String id) {
    return certificates().byId(id).orElseThrow();
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(owner);
    stores().accounts().add(service("o2"));
  }

  private static CertificateName dns(String name) {
    return CertificateName.of(CertificateName.Kind.DNS, name);
  }

  private static StoredClientCertificate certificate(String id) {
    return certificate(id, "o1", dns(id + ".example"), null, null);
  }

  private static StoredClientCertificate issued(String id, String serial) {
    return certificate(
        id,
        "o1",
        dns(id + ".example"),
        new StoredClientCertificate.Issued(serial, LATER, "pem of " + id),
        LATER);
  }

  private static StoredClientCertificate certificate(
      String id,
      String ofOwner,
      CertificateName identity,
      StoredClientCertificate.@Nullable Issued issued,
      @Nullable Instant expiresAt) {
    return certificate(id, ofOwner, CA, identity, issued, expiresAt);
  }

  private static StoredClientCertificate certificate(
      String id,
      String ofOwner,
      String ca,
      CertificateName identity,
      StoredClientCertificate.@Nullable Issued issued,
      @Nullable Instant expiresAt) {
    return new StoredClientCertificate(
        id,
        ofOwner,
        "certificate " + id,
        ca,
        identity,
        issued,
        Scopes.of("orders:read"),
        expiresAt,
        List.of(),
        null,
        START,
        null,
        null,
        null);
  }

  @Test
  void certificateIsFoundAsItWasAdded() {
    StoredClientCertificate full =
        new StoredClientCertificate(
            "c1",
            "o1",
            "deploy",
            CA,
            CertificateName.of(CertificateName.Kind.SPIFFE, "spiffe://example.org/deploy"),
            new StoredClientCertificate.Issued("1f", LATER, "pem"),
            Scopes.of("orders:read", "orders:write"),
            LATER,
            List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")),
            600,
            START,
            START.plusMillis(1),
            START.plusMillis(2),
            null);
    StoredClientCertificate bare = certificate("c2");

    certificates().add(full);
    certificates().add(bare);

    assertThat(certificates().byId("c1")).contains(full);
    assertThat(certificates().byId("c2")).contains(bare);
    assertThat(certificates().byId("c3")).isEmpty();
    assertThat(certificates().byNames(CA, List.of(full.identity(), bare.identity())))
        .containsExactly(
            new ClientCertificateStore.Owned(full, owner),
            new ClientCertificateStore.Owned(bare, owner));
    assertThat(heard).isEmpty();
  }

  @Test
  void aNameCountsOnlyTogetherWithItsCaAndItsKind() {
    certificates().add(certificate("c1"));

    assertThat(certificates().byNames(CA, List.of(dns("c1.example")))).hasSize(1);
    assertThat(certificates().byNames("ca_2", List.of(dns("c1.example")))).isEmpty();
    assertThat(
            certificates()
                .byNames(
                    CA,
                    List.of(
                        dns("c2.example"),
                        CertificateName.of(CertificateName.Kind.EMAIL, "a@c1.example"))))
        .isEmpty();
    assertThat(certificates().byNames(CA, List.of())).isEmpty();
  }

  @Test
  void aNameIsFoundUnderWhateverCaItIsRegistered() {
    certificates().add(ofFingerprint("c2", "ca_2"));
    certificates().add(ofFingerprint("c1", CA));
    certificates().add(certificate("c3"));
    certificates().revoke("c1", LATER);

    assertThat(certificates().underAnyCa(FINGERPRINT))
        .containsExactly(
            new ClientCertificateStore.Owned(stored("c1"), owner),
            new ClientCertificateStore.Owned(stored("c2"), owner));
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);
    assertThat(certificates().underAnyCa(dns("c3.example"))).hasSize(1);
    assertThat(certificates().underAnyCa(dns("c4.example"))).isEmpty();
  }

  @Test
  void aFingerprintIsHeardWhenItIsRegisteredAndWhenItIsRevoked() {
    certificates().add(ofFingerprint("c1", CA));
    assertThat(heard).extracting(FeedEntry::name).containsExactly(FINGERPRINT.toString());
    heard.clear();

    certificates().revoke("c1", LATER);
    certificates().revoke("c1", LATER);

    assertThat(heard)
        .extracting(FeedEntry::name)
        .containsExactlyInAnyOrder("c1", FINGERPRINT.toString());
    assertThat(heard).extracting(FeedEntry::kind).containsOnly(FeedEntry.Kind.CREDENTIAL);
  }

  @Test
  void certificateThatIsRevokedByItsFingerprintIsRevokedUnderEveryCa() {
    certificates().add(ofFingerprint("c1", CA));
    certificates().add(ofFingerprint("c2", "another-ca"));
    certificates().add(ofFingerprint("c3", "a-third-ca"));
    certificates().add(certificate("c4"));
    heard.clear();

    assertThat(certificates().revoke("c2", LATER)).isTrue();

    for (String id : List.of("c1", "c2", "c3")) {
      assertThat(stored(id).revokedAt()).as(id).isEqualTo(LATER);
    }
    assertThat(stored("c4").revokedAt()).isNull();
    assertThat(heard)
        .extracting(FeedEntry::name)
        .containsExactlyInAnyOrder("c1", "c2", "c3", FINGERPRINT.toString());
    assertThat(certificates().revoke("c1", START)).isFalse();
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);
  }

  @Test
  void registrationOfANameIsRevokedUnderItsCaAlone() {
    certificates().add(certificate("c1", "o1", CA, dns("a.example"), null, null));
    certificates().add(certificate("c2", "o1", "another-ca", dns("a.example"), null, null));

    assertThat(certificates().revoke("c1", LATER)).isTrue();

    assertThat(stored("c2").revokedAt()).isNull();
  }

  private static final CertificateName FINGERPRINT =
      CertificateName.of(CertificateName.Kind.FINGERPRINT, "ab".repeat(32));

  private static StoredClientCertificate ofFingerprint(String id, String ca) {
    return certificate(id, "o1", ca, FINGERPRINT, null, null);
  }

  @Test
  void certificateOfNoAccountIsRefused() {
    assertThatThrownBy(
            () -> certificates().add(certificate("c1", "nobody", dns("a.example"), null, null)))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(certificates().byId("c1")).isEmpty();
  }

  @Test
  void secondOfAnIdOrAnIdentityIsRefusedUnlessTheFirstWasRevoked() {
    certificates().add(certificate("c1"));

    assertThatThrownBy(
            () -> certificates().add(certificate("c1", "o2", dns("b.example"), null, null)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> certificates().add(certificate("c2", "o2", dns("c1.example"), null, null)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(certificates().byId("c2")).isEmpty();

    certificates().revoke("c1", START);
    certificates().add(certificate("c2", "o2", dns("c1.example"), null, null));

    assertThat(certificates().byNames(CA, List.of(dns("c1.example"))))
        .extracting(owned -> owned.certificate().id())
        .containsExactly("c1", "c2");
  }

  @Test
  void certificateComesWithItsOwnerAsTheOwnerIsNow() {
    certificates().add(certificate("c1"));
    Account disabled = owner.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(certificates().byNames(CA, List.of(dns("c1.example"))))
        .extracting(ClientCertificateStore.Owned::owner)
        .containsExactly(disabled);
  }

  @Test
  void revocationIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    certificates().add(certificate("c1"));
    clock.advance(Duration.ofSeconds(5));

    assertThat(certificates().revoke("c1", LATER)).isTrue();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "c1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);

    assertThat(certificates().revoke("c1", START)).isFalse();
    assertThat(certificates().revoke("none", START)).isFalse();
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);
    assertThat(heard).hasSize(1);
  }

  @Test
  void renewalEndsTheCertificateAddsItsSuccessorAndIsHeardBeforeTheCallReturns() {
    certificates().add(issued("c1", "1"));
    StoredClientCertificate successor = issued("c2", "2");

    assertThat(certificates().renew("c1", START.plusSeconds(9), successor)).isTrue();

    assertThat(heard).extracting(FeedEntry::name).containsExactly("c1");
    assertThat(stored("c1").expiresAt()).isEqualTo(START.plusSeconds(9));
    assertThat(stored("c1").successor()).isEqualTo("c2");
    assertThat(certificates().byId("c2")).contains(successor);
    // Never put off.
    assertThat(certificates().renew("c2", LATER.plusSeconds(1), issued("c3", "3"))).isTrue();
    assertThat(stored("c2").expiresAt()).isEqualTo(LATER);
  }

  @Test
  void lostRenewalChangesNothingAndWritesNoRow() {
    certificates().add(issued("revoked", "1"));
    certificates().revoke("revoked", START);
    certificates().add(issued("renewed", "2"));
    certificates().renew("renewed", LATER, issued("next", "3"));
    heard.clear();

    assertThat(certificates().renew("revoked", LATER, issued("new", "4"))).isFalse();
    assertThat(certificates().renew("renewed", START, issued("new", "4"))).isFalse();
    assertThat(certificates().renew("none", LATER, issued("new", "4"))).isFalse();
    assertThatThrownBy(() -> certificates().renew("next", LATER, issued("renewed", "5")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(certificates().byId("new")).isEmpty();
    assertThat(stored("next").successor()).isNull();
    assertThat(heard).isEmpty();
  }

  @Test
  void lastUseNeverGoesBackwards() {
    certificates().add(certificate("c1"));

    certificates().touch(Map.of("c1", START.plusMillis(2), "gone", LATER));
    certificates().touch(Map.of("c1", START.plusMillis(1)));

    assertThat(stored("c1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    assertThat(heard).isEmpty();
  }

  @Test
  void pagesOfOneOwnerOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("c3", "c1", "c5")) {
      certificates().add(certificate(id));
    }
    certificates().add(certificate("c2", "o2", dns("c2.example"), null, null));

    assertThat(ids(null, null, 3)).containsExactly("c1", "c2", "c3");
    assertThat(ids(null, "c3", 3)).containsExactly("c5");
    assertThat(ids("o1", null, 2)).containsExactly("c1", "c3");
    assertThat(ids("o2", "c2", 2)).isEmpty();
    assertThatThrownBy(() -> certificates().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> ids(@Nullable String ofOwner, @Nullable String afterId, int limit) {
    return certificates().list(ofOwner, afterId, limit).stream()
        .map(StoredClientCertificate::id)
        .toList();
  }

  @Test
  void whatEndedBeforeItsTimeIsListedUntilItsTimeIsOver() {
    certificates().add(issued("c1", "a1"));
    certificates().add(issued("c2", "a2"));
    certificates().add(issued("c3", "a3"));
    certificates().add(certificate("c4"));
    certificates().revoke("c1", START.plusSeconds(1));
    certificates().revoke("c4", START);
    certificates().renew("c2", START.plusSeconds(10), issued("c5", "a5"));

    Ended revoked = new Ended("a1", START.plusSeconds(1), false);
    assertThat(certificates().ended(CA, START.plusSeconds(9), START)).containsExactly(revoked);
    assertThat(certificates().ended(CA, START.plusSeconds(10), START))
        .containsExactly(revoked, new Ended("a2", START.plusSeconds(10), true));
    assertThat(certificates().ended(CA, LATER, LATER.plusMillis(1))).isEmpty();
    assertThat(certificates().ended("ca_2", LATER, START)).isEmpty();
  }

  @Test
  void oneOfManyWhoMakeACaAtOnceWins() {
    List<Boolean> won =
        Race.of(
            RUNNERS,
            number ->
                certificates()
                    .addAuthority(new StoredAuthority("ca" + number, "pem", "sealed", START), 0));

    assertThat(won).containsOnlyOnce(true);
    StoredAuthority first = new StoredAuthority("ca" + won.indexOf(true), "pem", "sealed", START);
    assertThat(certificates().authorities()).containsExactly(first);
    StoredAuthority second = new StoredAuthority("next", "pem2", "sealed2", LATER);
    assertThat(certificates().addAuthority(second, 1)).isTrue();
    assertThat(certificates().authorities()).containsExactly(first, second);
    assertThat(first).asString().doesNotContain("sealed");
  }

  @Test
  void oneOfManyWhoRenewAtOnceWins() {
    certificates().add(issued("c1", "1"));

    List<Boolean> won =
        Race.of(
            RUNNERS,
            number -> certificates().renew("c1", LATER, issued("next" + number, "n" + number)));

    assertThat(won).containsOnlyOnce(true);
    assertThat(stored("c1").successor()).isEqualTo("next" + won.indexOf(true));
    assertThat(heard).hasSize(1);
  }

  @Test
  void purgeForgetsCertificatesOfTheOwnCaAfterTheirOwnEndOnly() {
    certificates().add(issued("over", "01"));
    certificates()
        .add(
            certificate(
                "revoked",
                "o1",
                dns("revoked.example"),
                new StoredClientCertificate.Issued(
                    "02", LATER.plus(Duration.ofDays(30)), "pem of revoked"),
                LATER));
    certificates().revoke("revoked", START);
    Instant now = LATER.plus(Duration.ofDays(30)).plusMillis(1);

    certificates().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(certificates().list(null, null, 10))
        .extracting(StoredClientCertificate::id)
        .containsExactly("revoked");
  }

  @Test
  void purgeKeepsFingerprintsOfOtherCasAndForgetsTheirNames() {
    CertificateName fingerprint =
        CertificateName.of(CertificateName.Kind.FINGERPRINT, "ab".repeat(32));
    certificates().add(certificate("fingerprint", "o1", fingerprint, null, null));
    certificates().revoke("fingerprint", START);
    certificates().add(certificate("name", "o1", dns("name.example"), null, null));
    certificates().revoke("name", START);
    certificates().add(certificate("expired", "o1", dns("expired.example"), null, START));
    certificates().add(certificate("good"));
    Instant now = LATER.plus(Duration.ofDays(30));

    certificates().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(certificates().list(null, null, 10))
        .extracting(StoredClientCertificate::id)
        .containsExactly("fingerprint", "good");
  }
}
