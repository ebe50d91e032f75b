package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.mtls.InMemoryClientCertificateStore;
import dev.gatehouse.mtls.StoredCa;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.testkit.FixedClock;
import org.junit.jupiter.api.Test;

class OwnAuthorityTest {

  private final FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");
  private final Seal seal = new Seal(RandomIds.bytes(32));

  private InMemoryClientCertificateStore store() {
    return new InMemoryClientCertificateStore(
        new InMemoryAccountStore(new InMemoryRevocationFeed(clock)));
  }

  @Test
  void keyThatWasMovedToAnotherCaDoesNotOpenThere() {
    InMemoryClientCertificateStore store = store();
    OwnAuthority.in(store, seal, "orders", clock);
    StoredCa own = store.ownCas().getFirst();
    InMemoryClientCertificateStore other = store();
    other.addOwnCa(
        new StoredCa("ca_other", own.certificate(), own.sealedKey(), own.createdAt()), 0);

    assertThat(OwnAuthority.in(store, seal, "orders", clock)).isNotNull();
    assertThatThrownBy(() -> OwnAuthority.in(other, seal, "orders", clock))
        .isInstanceOf(Seal.BrokenSealException.class);
  }

  @Test
  void keyIsNotStoredInClear() {
    InMemoryClientCertificateStore store = store();
    OwnAuthority.in(store, seal, "orders", clock);
    StoredCa own = store.ownCas().getFirst();
    String key = seal.open(own.sealedKey(), "client_authority/" + own.id() + "/sealed_key");
    String body = key.lines().skip(1).findFirst().orElseThrow();

    assertThat(key).contains("PRIVATE KEY");
    assertThat(own.certificate() + own.sealedKey() + own).doesNotContain(body);
  }
}
