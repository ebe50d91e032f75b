package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateSignatureTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
  void aCertificateHasTheFingerprintOfItsOtherSignatureOnEveryCurve(String curve) throws Exception {
    X509Certificate certificate = TestCa.root(NOW).issue(client(NOW, dns("till.example")));
    KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
    keys.initialize(new ECGenParameterSpec(curve));

    byte[] other =
        Objects.requireNonNull(
            ClientCertificatesTest.OtherForm.MIRRORED.of(
                certificate, keys.generateKeyPair().getPublic()));

    assertThat(CertificateSignature.fingerprints(CertificateEncoding.parse(other)))
        .contains(
            CertificateName.fingerprint(other),
            CertificateName.fingerprint(CertificateEncoding.der(certificate)));
  }
}
