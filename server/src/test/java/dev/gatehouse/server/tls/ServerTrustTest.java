package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.server.wire.ServerChain;
import dev.gatehouse.signing.PublicKeyCheck;
import io.vertx.core.Vertx;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("end-to-end")
class ServerTrustTest {

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void close() {
    VERTX.close().await();
  }

  private static X509ExtendedTrustManager trusting(@Nullable TrustedCertificates certificates)
      throws GeneralSecurityException {
    return (X509ExtendedTrustManager)
        new ServerTrust(certificates).getTrustManagerFactory(VERTX).getTrustManagers()[0];
  }

  private static void check(X509ExtendedTrustManager trust, X509Certificate... chain)
      throws CertificateException {
    trust.checkServerTrusted(chain, "ECDHE_RSA");
  }

  @ParameterizedTest
  @EnumSource
  void rejectsWeakChainWhoseCertificatesAreOutOfOrder(ServerChain.Flaw flaw) throws Exception {
    X509ExtendedTrustManager trust = trusting(ServerChain.root());
    List<X509Certificate> shown = new ServerChain(flaw).shown();
    X509Certificate other = new ServerChain(ServerChain.Flaw.NONE).shown().getFirst();
    X509Certificate[] unordered = {shown.getFirst(), other, shown.getLast()};
    if (flaw.said().isEmpty()) {
      assertThatCode(() -> check(trust, unordered)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> check(trust, unordered)).isInstanceOf(CertificateException.class);
    }
  }

  @Test
  void weakSignatureOfAnIntermediateThatIsTrustedByItselfIsNotReliedOn() throws Exception {
    List<X509Certificate> shown =
        new ServerChain(ServerChain.Flaw.INTERMEDIATE_SIGNED_WITH_SHA1).shown();
    X509ExtendedTrustManager trust = trusting(new TrustedCertificates(Pem.text(shown.getLast())));
    assertThatCode(() -> check(trust, shown.toArray(X509Certificate[]::new)))
        .doesNotThrowAnyException();
  }

  @Test
  void trustsTheStrongCasOfThePlatformUnlessOthersAreNamed() throws Exception {
    X509Certificate[] platform = trusting(null).getAcceptedIssuers();
    assertThat(platform)
        .isNotEmpty()
        .allMatch(ca -> PublicKeyCheck.fault(ca.getPublicKey()) == null);
    X509Certificate[] chain =
        new ServerChain(ServerChain.Flaw.NONE).shown().toArray(X509Certificate[]::new);
    assertThatThrownBy(() -> check(trusting(null), chain)).isInstanceOf(CertificateException.class);
  }

  @Test
  void weakCaOfThePlatformIsLeftOut() {
    X509Certificate weak =
        new ServerChain(ServerChain.Flaw.INTERMEDIATE_WITH_RSA_1024).shown().getLast();
    X509Certificate strong = new ServerChain(ServerChain.Flaw.NONE).shown().getLast();
    assertThat(ServerTrust.strong(List.of(weak, strong))).containsExactly(strong);
  }
}
