package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.Account;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.mtls.ClientCertificateStore.CrlEntry;
import dev.gatehouse.mtls.StoredCa;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The contract suite of [ClientCertificateStore]: the lifecycle of [CredentialStoreContract], the
/// look-ups by names, the entries for the CRL of an own CA, and the own CAs.
public abstract class ClientCertificateStoreContract
    extends CredentialStoreContract<StoredClientCertificate> {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected ClientCertificateStoreContract() {}

  private static final String CA = "ca_1";
  private static final CertificateName FINGERPRINT =
      CertificateName.of(CertificateName.Kind.FINGERPRINT, "ab".repeat(32));

  @Override
  protected final ClientCertificateStore store() {
    return stores().clientCertificates();
  }

  @Override
  protected final StoredClientCertificate material(String name) {
    return certificate(name);
  }

  private static CertificateName dns(String name) {
    return CertificateName.of(CertificateName.Kind.DNS, name);
  }

  private static IssuedCredential<StoredClientCertificate> issued(String id, String serial) {
    return issued(id, serial, LATER);
  }

  private static IssuedCredential<StoredClientCertificate> issued(
      String id, String serial, Instant notAfter) {
    return new IssuedCredential<>(
        id,
        "o1",
        terms(id, LATER),
        new StoredClientCertificate(
            CA,
            dns(id + ".example"),
            new StoredClientCertificate.Issued(serial, notAfter, "pem of " + id)),
        START);
  }

  private static IssuedCredential<StoredClientCertificate> registered(
      String id, String ca, CertificateName identity, @Nullable Instant expiresAt) {
    return new IssuedCredential<>(
        id, "o1", terms(id, expiresAt), new StoredClientCertificate(ca, identity, null), START);
  }

  private static IssuedCredential<StoredClientCertificate> ofFingerprint(String id, String ca) {
    return registered(id, ca, FINGERPRINT, null);
  }

  @Test
  void certificateOfTheOwnCaIsFoundAsItWasAdded() {
    IssuedCredential<StoredClientCertificate> issued = issued("c1", "1f");
    IssuedCredential<StoredClientCertificate> foreign =
        registered(
            "c2",
            CA,
            CertificateName.of(CertificateName.Kind.SPIFFE, "spiffe://example.org/deploy"),
            null);

    store().add(issued);
    store().add(foreign);

    assertThat(
            store()
                .byNames(CA, List.of(issued.material().identity(), foreign.material().identity())))
        .containsExactly(
            new OwnedCredential<>(issued, owner), new OwnedCredential<>(foreign, owner));
    assertThat(heard).isEmpty();
  }

  @Test
  void secondOfAnIdentityIsRefusedUnlessTheFirstWasRevoked() {
    store().add(credential("c1", "o1"));

    assertThatThrownBy(() -> store().add(registered("c2", CA, dns("c1.example"), null)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store().byId("c2")).isEmpty();

    store().revoke("c1", START);
    store().add(registered("c2", CA, dns("c1.example"), null));

    assertThat(store().byNames(CA, List.of(dns("c1.example"))))
        .extracting(owned -> owned.credential().id())
        .containsExactly("c1", "c2");
    assertThatThrownBy(() -> store().add(registered("c3", CA, dns("c1.example"), null)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void revokedRegistrationsOfOneIdentityStandSideBySide() {
    for (String id : List.of("c1", "c2")) {
      store().add(ofFingerprint(id, CA));
      store().revoke(id, LATER);
    }

    assertThat(store().underAnyCa(FINGERPRINT)).hasSize(2);
  }

  @Test
  void certificateComesWithItsOwnerAsTheOwnerIsNow() {
    store().add(credential("c1", "o1"));
    Account disabled = owner.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(store().byNames(CA, List.of(dns("c1.example"))))
        .extracting(OwnedCredential::owner)
        .containsExactly(disabled);
  }

  @Test
  void renewedCertificateIsListedAsEndedByItsSuccessorOnly() {
    store().add(issued("c1", "1"));

    assertThat(store().rotate("c1", LATER.plusSeconds(1), issued("c3", "3"))).isTrue();

    assertThat(stored("c1").terms().expiresAt()).as("never put off").isEqualTo(LATER);
    assertThat(store().crlEntries(CA, LATER, START))
        .containsExactly(new CrlEntry("1", LATER, true));
  }

  @Test
  void aNameCountsOnlyTogetherWithItsCaAndItsKind() {
    store().add(credential("c1", "o1"));

    assertThat(store().byNames(CA, List.of(dns("c1.example")))).hasSize(1);
    assertThat(store().byNames("ca_2", List.of(dns("c1.example")))).isEmpty();
    assertThat(
            store()
                .byNames(
                    CA,
                    List.of(
                        dns("c2.example"),
                        CertificateName.of(CertificateName.Kind.EMAIL, "a@c1.example"))))
        .isEmpty();
    assertThat(store().byNames(CA, List.of())).isEmpty();
  }

  @Test
  void aNameIsFoundUnderWhateverCaItIsRegistered() {
    store().add(ofFingerprint("c2", "ca_2"));
    store().add(ofFingerprint("c1", CA));
    store().add(credential("c3", "o1"));
    store().revoke("c1", LATER);

    assertThat(store().underAnyCa(FINGERPRINT))
        .containsExactly(
            new OwnedCredential<>(stored("c1"), owner), new OwnedCredential<>(stored("c2"), owner));
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);
    assertThat(store().underAnyCa(dns("c3.example"))).hasSize(1);
    assertThat(store().underAnyCa(dns("c4.example"))).isEmpty();
  }

  @Test
  void aFingerprintIsHeardWhenItIsRegisteredAndWhenItIsRevoked() {
    store().add(ofFingerprint("c1", CA));
    assertThat(heard).extracting(FeedEntry::name).containsExactly(FINGERPRINT.toString());
    heard.clear();

    store().revoke("c1", LATER);
    store().revoke("c1", LATER);

    assertThat(heard)
        .extracting(FeedEntry::name)
        .containsExactlyInAnyOrder("c1", FINGERPRINT.toString());
    assertThat(heard).extracting(FeedEntry::kind).containsOnly(FeedEntry.Kind.CREDENTIAL);
  }

  @Test
  void certificateThatIsRevokedByItsFingerprintIsRevokedUnderEveryCa() {
    store().add(ofFingerprint("c1", CA));
    store().add(ofFingerprint("c2", "another-ca"));
    store().add(ofFingerprint("c3", "a-third-ca"));
    store().add(credential("c4", "o1"));
    heard.clear();

    assertThat(store().revoke("c2", LATER)).isTrue();

    for (String id : List.of("c1", "c2", "c3")) {
      assertThat(stored(id).revokedAt()).as(id).isEqualTo(LATER);
    }
    assertThat(stored("c4").revokedAt()).isNull();
    assertThat(heard)
        .extracting(FeedEntry::name)
        .containsExactlyInAnyOrder("c1", "c2", "c3", FINGERPRINT.toString());
    assertThat(store().revoke("c1", START)).isFalse();
    assertThat(stored("c1").revokedAt()).isEqualTo(LATER);
  }

  @Test
  void registrationOfANameIsRevokedUnderItsCaAlone() {
    store().add(registered("c1", CA, dns("a.example"), null));
    store().add(registered("c2", "another-ca", dns("a.example"), null));

    assertThat(store().revoke("c1", LATER)).isTrue();

    assertThat(stored("c2").revokedAt()).isNull();
  }

  @Test
  void whatEndedBeforeItsTimeIsListedUntilItsTimeIsOver() {
    store().add(issued("c1", "a1"));
    store().add(issued("c2", "a2"));
    store().add(issued("c3", "a3"));
    store().add(credential("c4", "o1"));
    store().revoke("c1", START.plusSeconds(1));
    store().revoke("c4", START);
    store().rotate("c2", START.plusSeconds(10), issued("c5", "a5"));

    CrlEntry revoked = new CrlEntry("a1", START.plusSeconds(1), false);
    assertThat(store().crlEntries(CA, START.plusSeconds(9), START)).containsExactly(revoked);
    assertThat(store().crlEntries(CA, START.plusSeconds(10), START))
        .containsExactly(revoked, new CrlEntry("a2", START.plusSeconds(10), true));
    assertThat(store().crlEntries(CA, LATER, LATER.plusMillis(1))).isEmpty();
    assertThat(store().crlEntries("ca_2", LATER, START)).isEmpty();
  }

  @Test
  void oneOfManyWhoMakeACaAtOnceWins() {
    List<Boolean> won =
        Race.of(
            RUNNERS,
            number -> store().addOwnCa(new StoredCa("ca" + number, "pem", "sealed", START), 0));

    assertThat(won).containsOnlyOnce(true);
    StoredCa first = new StoredCa("ca" + won.indexOf(true), "pem", "sealed", START);
    assertThat(store().ownCas()).containsExactly(first);
    StoredCa second = new StoredCa("next", "pem2", "sealed2", LATER);
    assertThat(store().addOwnCa(second, 1)).isTrue();
    assertThat(store().ownCas()).containsExactly(first, second);
    assertThat(first).asString().doesNotContain("sealed");
  }

  @Test
  void purgeForgetsCertificatesOfTheOwnCaAfterTheirOwnEndOnly() {
    store().add(issued("over", "01"));
    store().add(issued("revoked", "02", LATER.plus(Duration.ofDays(30))));
    store().revoke("revoked", START);
    Instant now = LATER.plus(Duration.ofDays(30)).plusMillis(1);

    store().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(store().list(null, null, 10))
        .extracting(IssuedCredential::id)
        .containsExactly("revoked");
  }

  @Test
  void purgeKeepsFingerprintsOfOtherCasAndForgetsTheirNames() {
    store().add(ofFingerprint("fingerprint", CA));
    store().revoke("fingerprint", START);
    store().add(credential("name", "o1"));
    store().revoke("name", START);
    store().add(credential("expired", "o1", START));
    store().add(credential("good", "o1"));
    Instant now = LATER.plus(Duration.ofDays(30));

    store().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(store().list(null, null, 10))
        .extracting(IssuedCredential::id)
        .containsExactly("fingerprint", "good");
  }
}
