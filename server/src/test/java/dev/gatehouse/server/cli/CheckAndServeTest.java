package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `gatehouse check` and `gatehouse serve` say the same of each configuration of a list.
@Timeout(120)
@Tag("end-to-end")
class CheckAndServeTest {

  private static final String ROUTE =
      "routes: [{ path: /, upstream: \"http://127.0.0.1:9\", accept: [apikey] }]\n";

  @TempDir private static Path temp;
  private static final Path CORPUS =
      Path.of("src/test/resources/dev/gatehouse/server/cli/configurations.txt");

  /// One configuration.
  ///
  /// @param outcome `good`, `warns` or `fails`
  /// @param says what is said of it
  record Case(String outcome, String says, String yaml) {
    @Override
    public String toString() {
      return outcome + ": " + says;
    }
  }

  @BeforeAll
  static void files() throws Exception {
    Made ca = new Made("ca", ec("secp256r1")).ca();
    ca.write(ca);
    Made other = new Made("other", ec("secp256r1")).ca();
    other.write(other);
    list("other.crl", other, other.keys);
    list("forged.crl", other, ca.keys);
    new Made("server", ec("secp256r1")).write(ca);
    new Made("p521", ec("secp521r1")).write(ca);
    new Made("rsa", rsa(2048)).write(ca);
    new Made("rsa1024", rsa(1024)).write(ca);
    new Made("ed25519", KeyPairGenerator.getInstance("Ed25519").generateKeyPair()).write(ca);
    new Made("client", ec("secp256r1")).purpose(KeyPurposeId.id_kp_clientAuth).write(ca);
    new Made("usage", rsa(2048)).usage(KeyUsage.keyEncipherment).write(ca);
    new Made("old", ec("secp256r1")).from(Duration.ofDays(-9)).write(ca);
    new Made("early", ec("secp256r1")).from(Duration.ofDays(9)).write(ca);
    Files.writeString(
        temp.resolve("torn.crt"),
        Files.readString(temp.resolve("rsa.crt")) + Files.readString(temp.resolve("other.crt")));
    Files.writeString(
        temp.resolve("locked.key"),
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF

        AAAA
        -----END RSA PRIVATE KEY-----
        """);
    Files.writeString(temp.resolve("client.secret"), "s3cret");
    Files.writeString(
        temp.resolve("hs256.secret"), "Zm9yIHRlc3RzIG9ubHkgYnV0IGxvbmcgZW5vdWdo-9f27c1b0");
    folder("open", "rwxr-xr-x", "somebody.else", "");
    folder("keyless", "rwx------", "gatehouse.db", "");
    folder("short", "rwx------", "master.key", "AAAA");
  }

  private static void folder(String name, String permissions, String file, String text)
      throws IOException {
    Path folder = Files.createDirectory(temp.resolve(name));
    Files.writeString(folder.resolve(file), text);
    Files.setPosixFilePermissions(
        folder.resolve(file), PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
  }

  static Stream<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String block : Files.readString(CORPUS).split("(?m)^## ", -1)) {
      String[] parts = block.split("\n", 2);
      String[] head = parts[0].split(": ", 2);
      if (List.of("good", "warns", "fails").contains(head[0])) {
        cases.add(new Case(head[0], head[1], parts[1]));
      }
    }
    return cases.stream();
  }

  @Test
  void theListIsLong() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(60);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void checkSaysWhatServeDoes(Case one) throws Exception {
    String yaml = one.yaml.strip().equals("#") ? "" : whole(one.yaml);
    Path file = Files.writeString(temp.resolve("gatehouse.yaml"), yaml);

    CommandLineRun check = CommandLineRun.of("check", "--strict", file.toString());

    boolean good = one.outcome.equals("good");
    assertThat(check.exitCode()).as(check.err()).isEqualTo(good ? 0 : 1);
    assertThat(check.err()).contains(good ? "" : one.says);
    if (good) {
      assertThat(check.err()).isEmpty();
    }
    assertThat(check.out().contains(" is good: ")).isEqualTo(!one.outcome.equals("fails"));
    GateThread gate = new GateThread("serve", "--config", file.toString());
    try {
      GateProcess.until(() -> !gate.isAlive() || gate.out().contains("key add first --owner"));
      assertThat(gate.isAlive()).as(gate.err()).isEqualTo(!one.outcome.equals("fails"));
      if (!good) {
        GateProcess.until(() -> gate.err().contains(one.says)); // the log has its own thread
      }
    } finally {
      gate.stop();
    }
  }

  private static String whole(String yaml) {
    boolean listens = yaml.contains("listen:") || yaml.contains("lisden:");
    boolean routes = yaml.contains("routes:") || yaml.contains("routed:");
    return yaml + (listens ? "" : "listen: { port: 0 }\n") + (routes ? "" : ROUTE);
  }

  @Test
  void checkMakesNoDataFolder() throws Exception {
    Path file = Files.writeString(temp.resolve("new.yaml"), "data: new\n" + ROUTE);

    assertThat(CommandLineRun.of("check", file.toString()).exitCode()).isZero();

    assertThat(temp.resolve("new")).doesNotExist();
  }

  /// A certificate to be made.
  private static final class Made {

    private final String name;
    private final KeyPair keys;
    private boolean isCa;
    private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
    private int usage = KeyUsage.digitalSignature;
    private Duration from = Duration.ofHours(-1);

    Made(String name, KeyPair keys) {
      this.name = name;
      this.keys = keys;
    }

    Made ca() {
      isCa = true;
      usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
      return this;
    }

    Made purpose(KeyPurposeId other) {
      purpose = other;
      return this;
    }

    Made usage(int other) {
      usage = other;
      return this;
    }

    Made from(Duration away) {
      from = away;
      return this;
    }

    void write(Made issuer) throws Exception {
      Instant begins = Instant.now().plus(from);
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=" + issuer.name),
              BigInteger.valueOf(begins.toEpochMilli()),
              Date.from(begins),
              Date.from(begins.plus(Duration.ofDays(1))),
              new X500Name("CN=" + name),
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(keys.getPublic()));
      if (!isCa) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        builder.addExtension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(issuer.keys.getPublic()));
      }
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA")
                          .build(issuer.keys.getPrivate())));
      Files.writeString(temp.resolve(name + ".crt"), pem(certificate));
      Files.writeString(
          temp.resolve(name + ".key"), pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
    }
  }

  private static void list(String file, Made ca, KeyPair signer) throws Exception {
    Instant now = Instant.now();
    JcaX509v2CRLBuilder builder =
        new JcaX509v2CRLBuilder(
            new X500Principal("CN=" + ca.name), Date.from(now.minus(Duration.ofHours(1))));
    builder.setNextUpdate(Date.from(now.plus(Duration.ofDays(1))));
    builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(ca.keys.getPublic()));
    X509CRLHolder list =
        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()));
    Files.writeString(temp.resolve(file), pem(list));
  }

  private static KeyPair ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
