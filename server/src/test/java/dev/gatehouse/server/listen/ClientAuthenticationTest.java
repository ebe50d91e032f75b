package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.PeerCertificates;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CurrentClientTrust;
import dev.gatehouse.mtls.InMemoryClientCertificateStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.tls.OwnAuthority;
import dev.gatehouse.server.tls.SigningRequest;
import dev.gatehouse.testkit.FixedClock;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

class ClientAuthenticationTest {

  private static final Duration LIFE = Duration.ofHours(1);

  private final FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");
  private final OwnAuthority authority =
      OwnAuthority.in(
          new InMemoryClientCertificateStore(
              new InMemoryAccountStore(new InMemoryRevocationFeed(clock))),
          new Seal(RandomIds.bytes(32)),
          "orders",
          clock);
  private final ClientTrust trusted = new ClientTrust(authority.cas(), List.of());
  private final CurrentClientTrust trust = new CurrentClientTrust(trusted);
  private final ClientAuthentication clients = new ClientAuthentication(trust, clock, true);
  private final X509Certificate certificate =
      authority.issue(
          SigningRequest.newKeyPair().getPublic(),
          "a",
          CertificateName.of(CertificateName.Kind.SPIFFE, "spiffe://gatehouse/account/a"),
          clock.instant().plus(LIFE));
  private final PeerCertificates shown = PeerCertificates.of(List.of(certificate));

  @Test
  void aChainThatAHandshakeFoundGoodIsKnown() throws Exception {
    X509ExtendedTrustManager handshake = clients.judge();
    assertThat(clients.knowsAsGood(shown)).isFalse();

    handshake.checkClientTrusted(new X509Certificate[] {certificate}, "EC");

    assertThat(clients.knowsAsGood(shown)).isTrue();
    assertThat(clients.fault(shown)).isNull();
  }

  @Test
  void aChainIsJudgedAgainWhenTheTrustChanges() {
    assertThat(clients.fault(shown)).isNull();

    trust.replace(ClientTrust.NONE, clock.instant());
    assertThat(clients.knowsAsGood(shown)).isFalse();
    assertThat(clients.fault(shown)).isNotNull();

    trust.replace(trusted, clock.instant());
    assertThat(clients.fault(shown)).isNull();
    assertThat(clients.knowsAsGood(shown)).isTrue();
  }

  @Test
  void aChainIsGoodNoLongerThanItsFirstEnd() {
    assertThat(clients.fault(shown)).isNull();

    clock.advance(LIFE.plusSeconds(1));

    assertThat(clients.knowsAsGood(shown)).isFalse();
    assertThat(clients.fault(shown)).contains("expired");
  }

  @Test
  void noCertificateIsNoGoodChain() {
    assertThat(clients.knowsAsGood(PeerCertificates.NONE)).isFalse();
    assertThat(clients.fault(PeerCertificates.NONE)).isNotNull();
  }
}
