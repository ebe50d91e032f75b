package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

  @TempDir private Path temp;
  private String certificate;
  private String key;

  @BeforeEach
  void make() throws Exception {
    TestPki pki = new TestPki();
    certificate = Files.readString(pki.ca.certificateIn(temp));
    key = Files.readString(pki.ca.keyIn(temp));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(temp.resolve("file.pem"), text, StandardCharsets.UTF_8);
  }

  @Test
  void certificatesComeInTheirOrderWhateverStandsBetweenThem() throws Exception {
    String other = TestPki.pem(new TestPki().ca.certificate());
    assertThat(
            Pem.certificates(
                file("Subject: ü\n" + other + "\n\n# mine\n" + certificate.replace("\n", "\r\n"))))
        .extracting(found -> TestPki.pem(found))
        .containsExactly(other, certificate);
  }

  @Test
  void byteOrderMarkBeforeTheTextIsPassedOver() throws Exception {
    assertThat(Pem.certificates(file("\ufeff" + certificate))).hasSize(1);
    assertThat(Pem.privateKey(file("\ufeff" + key))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"EC, 256", "RSA, 2048", "RSASSA-PSS, 2048", "Ed25519, 0"})
  void keysOfTheUsualKindsAreRead(String kind, int bits) throws Exception {
    PrivateKey made = TestPki.keys(kind, bits).getPrivate();
    String text =
        TestPki.pem(new org.bouncycastle.util.io.pem.PemObject("PRIVATE KEY", made.getEncoded()));
    assertThat(Pem.privateKey(file(text)).getEncoded()).isEqualTo(made.getEncoded());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PARAMETERS"})
  void anotherFormOfKeyIsRefusedWithTheCommandThatHelps(String label) throws Exception {
    Path file = file(key.replace("PRIVATE KEY", label));
    assertThatThrownBy(() -> Pem.privateKey(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(label, "openssl pkcs8 -topk8", "file.pem");
  }

  @Test
  void whatIsNoPemOrNotWholeIsRefused() throws Exception {
    String body = certificate.split("\n", -1)[1];
    for (String bad :
        new String[] {
          "",
          "nothing",
          key,
          certificate.replace("-----END CERTIFICATE-----", ""),
          certificate.replace("END CERTIFICATE", "END X509 CRL"),
          certificate.replace("-----END", "----END"),
          certificate.replace(body, body.substring(1)),
          certificate.replace(body, body + "\n#"),
          certificate.replace(body, "Proc-Type: 4,ENCRYPTED\n\n" + body),
          certificate.replace(body, " " + body),
          "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
          "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
          certificate + "-----BEGIN CERTIFICATE-----\n",
          certificate + "#".repeat(1024 * 1024)
        }) {
      Path file = file(bad);
      assertThatThrownBy(() -> Pem.certificates(file))
          .as(bad.length() > 2000 ? "large" : bad)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("file.pem");
    }
  }

  @Test
  void twoKeysInOneFileAreOneTooMany() throws Exception {
    Path file = file(key + key);
    assertThatThrownBy(() -> Pem.privateKey(file)).hasMessageContaining("more than one");
  }

  @Test
  void whateverIsWrongWithAKeyNothingOfItIsSaid() throws Exception {
    Random random = new Random(7);
    String body = key.split("\n", -1)[1];
    for (int i = 0; i < 200; i++) {
      StringBuilder damaged = new StringBuilder(key);
      damaged.setCharAt(
          key.indexOf(body) + random.nextInt(body.length()), (char) (32 + random.nextInt(95)));
      Path file = file(damaged.toString());
      try {
        assertThat(Pem.privateKey(file)).isNotNull();
      } catch (IOException refused) {
        assertThat(refused).hasNoCause();
        assertThat(refused.getMessage()).doesNotContain(body.substring(8, 16));
      }
    }
  }
}
