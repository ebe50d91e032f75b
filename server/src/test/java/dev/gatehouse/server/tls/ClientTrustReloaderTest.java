package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.mtls.ChainVerdict;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.testkit.FixedClock;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ClientTrustReloaderTest {

  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path temp;
  private final FixedClock clock = FixedClock.at("2026-11-24T12:00:00Z");
  private final Ca ca = Ca.named("CN=Partner", clock.instant());
  private final Ca other = Ca.named("CN=Other", clock.instant());
  private Path caFile;
  private Path issuerFile;
  private Path listFile;

  private record Ca(KeyPair keys, X509Certificate certificate) {

    static Ca named(String name, Instant now) {
      return of(name, SigningRequest.newKeyPair(), BigInteger.ONE, now);
    }

    // Another certificate for the same name and key.
    Ca renewed(Instant now) {
      return of(certificate.getSubjectX500Principal().getName(), keys, BigInteger.TWO, now);
    }

    private static Ca of(String name, KeyPair keys, BigInteger serial, Instant now) {
      try {
        JcaX509v3CertificateBuilder builder =
            new JcaX509v3CertificateBuilder(
                new X500Name(name),
                serial,
                Date.from(now.minus(DAY)),
                Date.from(now.plus(Duration.ofDays(365))),
                new X500Name(name),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(
            Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
            Extension.subjectKeyIdentifier,
            false,
            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
        return new Ca(
            keys,
            new JcaX509CertificateConverter()
                .getCertificate(
                    builder.build(
                        new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))));
      } catch (Exception failed) {
        throw new IllegalStateException(failed);
      }
    }

    // A certificate by this CA: of a CA below it, or of a client.
    X509Certificate issue(String name, PublicKey key, BigInteger serial, boolean ofCa)
        throws Exception {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              certificate,
              serial,
              certificate.getNotBefore(),
              certificate.getNotAfter(),
              new X500Principal(name),
              key);
      if (ofCa) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(
            Extension.subjectKeyIdentifier,
            false,
            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key));
      } else {
        builder.addExtension(
            Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
      }
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(ofCa ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }

    byte[] list(long number, Instant from, Duration life, PrivateKey by, BigInteger... revoked)
        throws Exception {
      X509v2CRLBuilder builder = builder(number, from, life);
      for (BigInteger serial : revoked) {
        builder.addCRLEntry(serial, Date.from(from), CRLReason.keyCompromise);
      }
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(keys.getPublic()));
      return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)).getEncoded();
    }

    byte[] listThatDoesNotNameItsKey(long number, Instant from) throws Exception {
      return builder(number, from, DAY)
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
          .getEncoded();
    }

    private X509v2CRLBuilder builder(long number, Instant from, Duration life) throws Exception {
      X509v2CRLBuilder builder =
          new X509v2CRLBuilder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              Date.from(from));
      builder.setNextUpdate(Date.from(from.plus(life)));
      builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
      return builder;
    }
  }

  private byte[] list(Ca of, long number, BigInteger... revoked) throws Exception {
    return of.list(number, clock.instant(), DAY, of.keys.getPrivate(), revoked);
  }

  private static byte[] pem(byte[]... lists) throws Exception {
    StringBuilder text = new StringBuilder();
    for (byte[] list : lists) {
      text.append(
          Pem.text(
              new JcaX509CRLConverter().getCRL(new org.bouncycastle.cert.X509CRLHolder(list))));
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  // Whatever the bytes are.
  private static String text(byte[] der) {
    return "-----BEGIN X509 CRL-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END X509 CRL-----\n";
  }

  @BeforeEach
  void files() throws Exception {
    caFile = Files.writeString(temp.resolve("ca.crt"), Pem.text(ca.certificate, other.certificate));
    issuerFile = temp.resolve("below.crt");
    listFile = Files.write(temp.resolve("ca.crl"), pem(list(ca, 5), list(other, 7)));
  }

  private ClientTrustReloader keeper() {
    return new ClientTrustReloader(
        new ClientTrustFiles(
            new ClientTrustFiles.Named(List.of(caFile), List.of(), List.of(), List.of(listFile))),
        List.of(),
        clock);
  }

  private ClientTrustReloader keeperWithIssuer() {
    return new ClientTrustReloader(
        new ClientTrustFiles(
            new ClientTrustFiles.Named(
                List.of(caFile), List.of(), List.of(issuerFile), List.of(listFile))),
        List.of(),
        clock);
  }

  // A CA below the first client CA, which is the only one: its certificate is in the file of CRL
  // issuers.
  private Ca below(long serial) throws Exception {
    KeyPair keys = SigningRequest.newKeyPair();
    Ca below =
        new Ca(keys, ca.issue("CN=Below", keys.getPublic(), BigInteger.valueOf(serial), true));
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.writeString(issuerFile, Pem.text(below.certificate));
    return below;
  }

  private static List<X509Certificate> chain(Ca issuer, BigInteger serial) throws Exception {
    return List.of(
        issuer.issue("CN=client", SigningRequest.newKeyPair().getPublic(), serial, false),
        issuer.certificate);
  }

  private boolean accepts(ClientTrustReloader keeper, List<X509Certificate> chain) {
    return keeper.trust().current().validate(chain, clock.instant()) instanceof ChainVerdict.Valid;
  }

  @Test
  void startupRejectsListThatItsCaDidNotSign() throws Exception {
    Files.write(listFile, ca.list(6, clock.instant(), DAY, other.keys.getPrivate()));

    assertThatThrownBy(this::keeper)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(listFile.toString())
        .hasMessageContaining("CN=Partner")
        .hasMessageContaining("signature")
        .hasMessageContaining("get the list from the CA again");
  }

  @Test
  void startupRejectsListBesideTheCertificates() throws Exception {
    Files.writeString(
        caFile, Pem.text(ca.certificate) + new String(pem(list(ca, 5)), StandardCharsets.US_ASCII));

    assertThatThrownBy(this::keeper)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(caFile.toString())
        .hasMessageContaining("does not count here");
  }

  @Test
  void reloadKeepsThePreviousListWhenTheNewOneCantBeUsed() throws Exception {
    byte[] good = Files.readAllBytes(listFile);
    String text = new String(good, StandardCharsets.US_ASCII);
    byte[] newer = list(ca, 6);
    byte[] flipped = newer.clone();
    flipped[flipped.length / 2] ^= 1;
    byte[] junk = "no list".getBytes(StandardCharsets.US_ASCII);
    List<byte[]> unusable = new ArrayList<>();
    unusable.add(flipped);
    unusable.add(ca.list(6, clock.instant(), DAY, other.keys.getPrivate()));
    unusable.add(new byte[0]);
    unusable.add(junk);
    unusable.add(Arrays.copyOf(newer, newer.length - 1));
    unusable.add(Arrays.copyOf(newer, newer.length + 1));
    // Cut in the second list, and between the two.
    unusable.add(Arrays.copyOf(good, good.length - 40));
    unusable.add(pem(newer));
    // Malformed inside, and as text: neither may be an exception that names no file.
    for (int i = 0; i < newer.length; i += 7) {
      byte[] changed = newer.clone();
      changed[i] = 0x30;
      if (!Arrays.equals(changed, newer)) {
        unusable.add((text(changed) + text(list(other, 7))).getBytes(StandardCharsets.US_ASCII));
      }
    }
    // What else PEM text can hold is not read, however long that would take.
    unusable.add(
        (text(list(ca, 6)) + text(list(other, 8)) + Pem.text(ca.certificate))
            .getBytes(StandardCharsets.US_ASCII));
    // One character of a first or a last line is damaged.
    unusable.add(text.replaceFirst("-----BEGIN", "----_BEGIN").getBytes(StandardCharsets.US_ASCII));
    unusable.add(text.replaceFirst("-----END", "----_END").getBytes(StandardCharsets.US_ASCII));
    unusable.add(text.replaceFirst("X509 CRL", "X509 CRK").getBytes(StandardCharsets.US_ASCII));
    unusable.add(text.replace("-----", "  -----").getBytes(StandardCharsets.US_ASCII));
    // Older than what is in force, and another CA's.
    unusable.add(pem(list(ca, 4), list(other, 7)));
    unusable.add(
        pem(
            ca.list(5, clock.instant().minusSeconds(60), DAY, ca.keys.getPrivate()),
            list(other, 7)));
    unusable.add(pem(list(other, 8)));
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();

    for (int i = 0; i < unusable.size(); i++) {
      Files.write(listFile, unusable.get(i));
      assertThatThrownBy(keeper::reload)
          .as("%d", i)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(listFile.toString());
      keeper.look();
      assertThat(keeper.trust().current()).as("%d", i).isSameAs(before);
    }
    Files.delete(listFile);
    assertThatThrownBy(keeper::reload).hasMessageContaining("cannot be read");
    assertThat(keeper.trust().current()).isSameAs(before);

    Files.write(listFile, pem(list(other, 7), newer));
    keeper.reload();
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  @Test
  void aDamagedCaFileKeepsThePreviousCasAndLists() throws Exception {
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();
    Files.write(listFile, pem(list(ca, 6), list(other, 8)));
    Files.writeString(
        caFile, Pem.text(ca.certificate) + Pem.text(other.certificate).replaceFirst("-", "_"));

    assertThatThrownBy(keeper::reload)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(caFile.toString());
    assertThat(keeper.trust().current()).isSameAs(before);
  }

  @Test
  void caThatIsTakenOutLosesTrustAlthoughAListCantBeUsed() throws Exception {
    byte[] good = Files.readAllBytes(listFile);
    AtomicInteger changes = new AtomicInteger();
    ClientTrustReloader keeper = keeper();
    keeper.onChange(changes::incrementAndGet);

    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.writeString(listFile, "no list");
    assertThatThrownBy(keeper::reload).hasMessageContaining(listFile.toString());
    assertThat(certificates(keeper)).containsExactly(ca.certificate);
    assertThat(changes).hasValue(1);

    // What is added, renewed or restored counts once all files can be used.
    ClientTrust left = keeper.trust().current();
    Files.writeString(caFile, Pem.text(ca.renewed(clock.instant()).certificate, other.certificate));
    assertThatThrownBy(keeper::reload).hasMessageContaining(listFile.toString());
    keeper.look();
    assertThat(keeper.trust().current()).isSameAs(left);
    assertThat(changes).hasValue(1);

    Files.write(listFile, good);
    keeper.reload();
    assertThat(keeper.trust().current().cas()).hasSize(2);
    assertThat(certificates(keeper)).doesNotContain(ca.certificate);
  }

  @Test
  void caThatIsTakenOutLosesTrustWhileAListIsGone() throws Exception {
    ClientTrustReloader keeper = keeper();

    Files.writeString(caFile, Pem.text(other.certificate));
    Files.delete(listFile);
    keeper.look();

    assertThat(certificates(keeper)).containsExactly(other.certificate);
  }

  // The old list names the new CA, and has not its signature.
  @Test
  void caThatIsReplacedByOneOfTheSameNameLosesTrustAlthoughItsListIsLeftBehind() throws Exception {
    Ca namesake = Ca.named("CN=Partner", clock.instant());
    ClientTrustReloader keeper = keeper();

    Files.writeString(caFile, Pem.text(namesake.certificate, other.certificate));
    assertThatThrownBy(keeper::reload).hasMessageContaining("CN=Partner");

    assertThat(certificates(keeper)).containsExactly(other.certificate);
  }

  @Test
  void aDamagedCaFileKeepsItsCasAndAnotherFileLosesThoseThatWereTakenOut() throws Exception {
    Ca third = Ca.named("CN=Third", clock.instant());
    Path more = Files.writeString(temp.resolve("more.crt"), Pem.text(third.certificate));
    ClientTrustReloader keeper =
        new ClientTrustReloader(
            new ClientTrustFiles(
                new ClientTrustFiles.Named(
                    List.of(more, caFile), List.of(more), List.of(), List.of(listFile))),
            List.of(),
            clock);

    Files.writeString(more, "no certificate");
    Files.writeString(caFile, Pem.text(ca.certificate));
    assertThatThrownBy(keeper::reload).hasMessageContaining(more.toString());

    assertThat(certificates(keeper)).containsExactly(third.certificate, ca.certificate);
  }

  private static List<X509Certificate> certificates(ClientTrustReloader keeper) {
    return keeper.trust().current().cas().stream().map(ClientCa::certificate).toList();
  }

  @Test
  void theListOfACaThatIsNoClientCaAnyMoreMayGoWithIt() throws Exception {
    ClientTrustReloader keeper = keeper();
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 5));

    keeper.reload();

    assertThat(keeper.trust().current().cas()).hasSize(1);
  }

  @Test
  void theListOfACaThatWasTakenOutMayGoInALaterReload() throws Exception {
    byte[] left = list(other, 7);
    Files.write(listFile, pem(list(ca, 5), left));
    ClientTrustReloader keeper = keeper();
    Files.writeString(caFile, Pem.text(ca.certificate));
    keeper.reload();
    Files.write(listFile, pem(list(ca, 6), list(other, 8)));
    keeper.reload();

    Files.write(listFile, list(ca, 7));
    keeper.reload();
    keeper.reload();

    Files.writeString(caFile, Pem.text(ca.certificate, other.certificate));
    Files.write(listFile, pem(list(ca, 7), left));
    assertThatThrownBy(keeper::reload).hasMessageContaining("older (number 7)");
  }

  @Test
  void whatACaRevokedStaysRevokedWhenItIsBelowAClientCaInsteadOfBeingOne() throws Exception {
    KeyPair keys = SigningRequest.newKeyPair();
    Ca issuing =
        new Ca(keys, ca.issue("CN=Issuing", keys.getPublic(), BigInteger.valueOf(7), true));
    BigInteger revoked = BigInteger.valueOf(77);
    List<X509Certificate> chain =
        List.of(
            issuing.issue("CN=client", SigningRequest.newKeyPair().getPublic(), revoked, false),
            issuing.certificate);
    Files.writeString(caFile, Pem.text(ca.certificate, issuing.certificate));
    Files.write(listFile, pem(list(ca, 1), list(issuing, 5)));
    ClientTrustReloader keeper = keeper();
    assertThat(keeper.trust().current().validate(chain, clock.instant()))
        .isInstanceOf(ChainVerdict.Valid.class);
    Files.write(listFile, pem(list(ca, 1), list(issuing, 6, revoked)));
    keeper.reload();
    Files.writeString(caFile, Pem.text(ca.certificate));
    keeper.reload();

    Files.write(listFile, pem(list(ca, 1), list(issuing, 5)));
    assertThatThrownBy(keeper::reload).hasMessageContaining("older (number 5)");
    for (int number = 7; number < 50; number++) {
      Files.write(listFile, pem(list(ca, 1), list(issuing, number, revoked)));
      keeper.reload();
    }
    Files.write(listFile, list(ca, 1));
    keeper.reload();
    keeper.reload();
    assertThat(keeper.trust().current().validate(chain, clock.instant()))
        .isInstanceOf(ChainVerdict.Invalid.class);
  }

  @Test
  void clientCaThatWasRevokedStaysSoWhenTheCaThatRevokedItIsTakenOut() throws Exception {
    KeyPair keys = SigningRequest.newKeyPair();
    BigInteger serial = BigInteger.valueOf(7);
    Ca issuing = new Ca(keys, ca.issue("CN=Issuing", keys.getPublic(), serial, true));
    List<X509Certificate> chain =
        List.of(
            issuing.issue(
                "CN=client", SigningRequest.newKeyPair().getPublic(), BigInteger.TEN, false));
    Files.writeString(caFile, Pem.text(ca.certificate, issuing.certificate));
    Files.write(listFile, pem(list(ca, 5), list(issuing, 1)));
    ClientTrustReloader keeper = keeper();
    assertThat(keeper.trust().current().validate(chain, clock.instant()))
        .isInstanceOf(ChainVerdict.Valid.class);
    Files.write(listFile, pem(list(ca, 6, serial), list(issuing, 1)));
    keeper.reload();
    Files.writeString(caFile, Pem.text(issuing.certificate));

    for (byte[] left : List.of(pem(list(ca, 6, serial), list(issuing, 1)), list(issuing, 1))) {
      Files.write(listFile, left);
      keeper.reload();
      assertThat(keeper.trust().current().validate(chain, clock.instant()))
          .isInstanceOf(ChainVerdict.Invalid.class);
    }
  }

  @Test
  void whatTheListOfANewKeyRevokedStaysRevokedWhenThatKeyIsTakenOut() throws Exception {
    Ca renewed = Ca.named("CN=Partner", clock.instant());
    BigInteger revoked = BigInteger.valueOf(77);
    List<X509Certificate> chain =
        List.of(ca.issue("CN=client", SigningRequest.newKeyPair().getPublic(), revoked, false));
    Files.writeString(caFile, Pem.text(ca.certificate, renewed.certificate));
    Files.write(listFile, pem(list(ca, 1), list(renewed, 6, revoked)));
    ClientTrustReloader keeper = keeper();
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 1));
    keeper.reload();

    assertThat(keeper.trust().current().validate(chain, clock.instant()))
        .isInstanceOf(ChainVerdict.Invalid.class);
  }

  @Test
  void rejectsOlderListOfACaThatComesBack() throws Exception {
    String both = Files.readString(caFile);
    byte[] old = Files.readAllBytes(listFile);
    ClientTrustReloader keeper = keeper();
    Files.write(listFile, pem(list(ca, 5), list(other, 8)));
    keeper.reload();
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 5));
    keeper.reload();
    keeper.reload(); // the list is remembered for more than one reload
    ClientTrust before = keeper.trust().current();

    Files.writeString(caFile, both);
    assertThatThrownBy(keeper::reload).hasMessageContaining("restore it");
    Files.write(listFile, old);
    assertThatThrownBy(keeper::reload).hasMessageContaining("older (number 7)");
    assertThat(keeper.trust().current()).isSameAs(before);

    Files.write(listFile, pem(list(ca, 5), list(other, 8)));
    keeper.reload();
    assertThat(keeper.trust().current().cas()).hasSize(2);
    Files.write(listFile, old);
    assertThatThrownBy(keeper::reload).hasMessageContaining("older (number 7)");
  }

  @Test
  void reloadFailsWhenMoreListsOfCasThatWereTakenOutMustBeHeldThanTheGateHolds() throws Exception {
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 5));
    ClientTrustReloader keeper = keeper();
    for (int i = 0; i < 32; i++) {
      swapOther(Ca.named("CN=Other " + i, clock.instant()));
      keeper.reload();
    }
    swapOther(Ca.named("CN=Last", clock.instant()));
    keeper.reload();
    ClientTrust before = keeper.trust().current();

    swapOther(other);
    assertThatThrownBy(keeper::reload).hasMessageContaining("restart the gate");
    assertThat(certificates(keeper)).containsExactly(ca.certificate);
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  // Trusts that CA beside the first, with a list of each.
  private void swapOther(Ca second) throws Exception {
    Files.writeString(caFile, Pem.text(ca.certificate, second.certificate));
    Files.write(listFile, pem(list(ca, 5), list(second, 7)));
  }

  @Test
  void reloadRejectsListOfAnotherCaOfTheSameNameInPlaceOfTheOneInForce() throws Exception {
    Ca namesake = Ca.named("CN=Partner", clock.instant());
    byte[] of = ca.listThatDoesNotNameItsKey(5, clock.instant());
    byte[] another = namesake.listThatDoesNotNameItsKey(7, clock.instant());
    Files.writeString(caFile, Pem.text(ca.certificate, namesake.certificate));
    byte[] first = namesake.listThatDoesNotNameItsKey(6, clock.instant());
    Files.write(listFile, pem(of, first));
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();

    Files.write(listFile, another);
    assertThatThrownBy(keeper::reload)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(listFile.toString())
        .hasMessageContaining("CN=Partner");
    assertThat(keeper.trust().current()).isSameAs(before);

    Files.write(listFile, pem(another, of));
    keeper.reload();
    Files.write(listFile, pem(another, list(ca, 6)));
    keeper.reload();
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  @Test
  void theListOfAKeyThatNoClientCaHasAnyMoreMayGoWithIt() throws Exception {
    Ca renewed = Ca.named("CN=Partner", clock.instant());
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 5));
    ClientTrustReloader keeper = keeper();

    // As long as certificates of the old key are good, what it revoked must stay refused.
    Files.writeString(caFile, Pem.text(ca.certificate, renewed.certificate));
    Files.write(listFile, list(renewed, 6));
    assertThatThrownBy(keeper::reload)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("clientCas");
    Files.write(listFile, pem(list(ca, 5), list(renewed, 6)));
    keeper.reload();

    Files.writeString(caFile, Pem.text(renewed.certificate));
    Files.write(listFile, list(renewed, 6));
    keeper.reload();
    assertThat(keeper.trust().current().cas()).hasSize(1);
    // A CA of the name that is trusted anew begins anew: its numbers are its own.
    Ca third = Ca.named("CN=Partner", clock.instant());
    Files.writeString(caFile, Pem.text(third.certificate));
    Files.write(listFile, list(third, 1));
    keeper.reload();
    assertThat(keeper.trust().current().cas()).hasSize(1);
  }

  @Test
  void reloadRejectsListOfAnotherKeyInPlaceOfTheOneOfAnIntermediate() throws Exception {
    Ca below = below(7);
    Ca renewed = Ca.named("CN=Below", clock.instant());
    Files.write(listFile, pem(list(ca, 1), list(below, 5)));
    ClientTrustReloader keeper = keeperWithIssuer();

    for (byte[] another :
        List.of(
            pem(list(ca, 1), list(renewed, 6)),
            pem(list(ca, 1), list(renewed, 6), list(below, 6)))) {
      Files.write(listFile, another);
      assertThatThrownBy(keeper::reload)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("CN=Below");
    }
    Files.write(listFile, pem(list(ca, 1), list(below, 6)));
    keeper.reload();
  }

  // The attacker answers the download of a list, and has no CA's key.
  @Test
  void forgedListNeitherCountsNorBarsLaterLists() throws Exception {
    Ca below = below(7);
    Ca unknown = Ca.named("CN=Nobody", clock.instant());
    BigInteger revoked = BigInteger.valueOf(77);
    BigInteger later = BigInteger.valueOf(78);
    Files.write(listFile, pem(list(ca, 5), list(below, 5, revoked)));
    ClientTrustReloader keeper = keeperWithIssuer();
    assertThat(accepts(keeper, chain(below, revoked))).isFalse();
    assertThat(accepts(keeper, chain(below, later))).isTrue();

    byte[] forged =
        below.list(1L << 60, clock.instant(), DAY, SigningRequest.newKeyPair().getPrivate());
    byte[][] many = new byte[40][];
    Arrays.fill(many, forged);
    for (byte[] answer :
        List.of(
            pem(list(ca, 5), list(below, 5, revoked), list(unknown, 1)),
            pem(list(ca, 5), forged),
            pem(list(ca, 5), list(below, 5, revoked), forged),
            pem(list(ca, 5), list(unknown, 1)),
            pem(many),
            pem(list(ca, 5), list(below, 4)))) {
      Files.write(listFile, answer);
      assertThatThrownBy(keeper::reload).hasMessageContaining(listFile.toString());
      assertThat(accepts(keeper, chain(below, revoked))).isFalse();
      assertThat(accepts(keeper, chain(below, later))).isTrue();
    }

    Files.write(listFile, pem(list(ca, 6), list(below, 6, revoked, later)));
    keeper.reload();
    assertThat(accepts(keeper, chain(below, later))).isFalse();
  }

  // All of them are genuine: another CA's, and the same or an older one a second time.
  @Test
  void rejectsGenuineListsThatTakeThePlaceOfAnother() throws Exception {
    byte[] older =
        ca.list(4, clock.instant().minus(DAY), Duration.ofHours(1), ca.keys.getPrivate());
    for (byte[] answer :
        List.of(
            pem(list(ca, 5)),
            pem(list(ca, 5), list(ca, 5)),
            pem(list(ca, 5), older, list(other, 7)),
            pem(older, list(ca, 5), list(other, 7)))) {
      Files.write(listFile, answer);
      assertThatThrownBy(this::keeper)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("list");
    }
    Files.write(listFile, pem(list(ca, 5), list(other, 7)));
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();
    Files.write(listFile, pem(list(ca, 6), older, list(other, 8)));
    assertThatThrownBy(keeper::reload).hasMessageContaining("one by the same key");
    assertThat(keeper.trust().current()).isSameAs(before);

    // A list of another key of the same name does not take the place of that of a key, either.
    Ca namesake = Ca.named("CN=Other", clock.instant());
    Files.writeString(caFile, Pem.text(ca.certificate, other.certificate, namesake.certificate));
    Files.write(listFile, pem(list(ca, 6), list(other, 8)));
    assertThatThrownBy(keeper::reload).hasMessageContaining("its key signed");
    assertThatThrownBy(this::keeper).hasMessageContaining("its key signed");

    // A CA that is added must bring its list.
    Ca third = Ca.named("CN=Third", clock.instant());
    Files.writeString(caFile, Pem.text(ca.certificate, other.certificate, third.certificate));
    Files.write(listFile, pem(list(ca, 6), list(other, 8)));
    assertThatThrownBy(keeper::reload)
        .hasMessageContaining("CN=Third")
        .hasMessageContaining("casWithoutCrl");
  }

  // One that has expired would refuse all clients of that CA, and its absence the lists to come.
  @Test
  void rejectsListsOfTheOwnCaAndOfCasThatNeedNone() throws Exception {
    Ca own = Ca.named("CN=Own", clock.instant());
    Path exempt = Files.writeString(temp.resolve("exempt.crt"), Pem.text(other.certificate));
    Files.writeString(caFile, Pem.text(ca.certificate));
    Files.write(listFile, list(ca, 5));
    ClientTrustReloader keeper =
        new ClientTrustReloader(
            new ClientTrustFiles(
                new ClientTrustFiles.Named(
                    List.of(caFile, exempt), List.of(exempt), List.of(), List.of(listFile))),
            List.of(ClientCa.of(own.certificate)),
            clock);
    ClientTrust before = keeper.trust().current();

    for (Ca needless : List.of(own, other)) {
      Files.write(listFile, pem(list(ca, 5), list(needless, 3)));
      assertThatThrownBy(keeper::reload).hasMessageContaining("no CA whose lists are read here");
      assertThat(keeper.trust().current()).isSameAs(before);
    }
    Files.write(listFile, list(ca, 6));
    keeper.reload();
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  // As `curl -R` leaves it, when a forged answer has the length and the date of the genuine one.
  @Test
  void fileOfTheSameSizeAndTimeIsReadAgainWhenItWasWritten() throws Exception {
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();
    byte[] genuine = list(ca, 6);
    byte[] forged = genuine.clone();
    forged[forged.length - 1] ^= 1;
    FileTime time = Files.getLastModifiedTime(listFile);
    for (byte[] answer : List.of(pem(forged, list(other, 7)), pem(genuine, list(other, 7)))) {
      Path part = Files.write(temp.resolve("part"), answer);
      Files.setLastModifiedTime(part, time);
      Files.move(part, listFile, StandardCopyOption.REPLACE_EXISTING);
      keeper.look();
    }
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  // No file that the configuration names can go before a restart.
  @Test
  void listOfAKeyThatWasTakenOutMayBeLeftBehindBesideThatOfTheNewKey() throws Exception {
    Ca renewed = Ca.named("CN=Partner", clock.instant());
    Files.writeString(caFile, Pem.text(ca.certificate, renewed.certificate));
    Files.write(listFile, pem(list(ca, 5), list(renewed, 1)));
    ClientTrustReloader keeper = keeper();
    ClientTrust before = keeper.trust().current();

    Files.writeString(caFile, Pem.text(renewed.certificate));
    Files.write(listFile, pem(list(ca, 5), list(renewed, 2)));
    keeper.reload();
    assertThat(keeper.trust().current()).isNotSameAs(before);
  }

  @Test
  void rejectsFileOfMoreListsThanAreRead() throws Exception {
    byte[][] many = new byte[65][];
    Arrays.fill(many, list(ca, 5));
    Files.write(listFile, pem(many));

    assertThatThrownBy(this::keeper)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("more than 64 lists");
  }

  // A list may be long, and the gate has other chores.
  @Test
  void fileThatCantBeUsedIsReadAgainWhenItLooksOtherwise() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(ClientTrustReloader.class);
    ClientTrustReloader keeper = keeper();
    log.start();
    logger.addAppender(log);
    try {
      Files.writeString(listFile, "no list");
      keeper.look();
      keeper.look();
      assertThat(log.list).hasSize(1);

      Files.writeString(listFile, "no list either");
      keeper.look();
      assertThat(log.list).hasSize(2);
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void startupRejectsForgedListsAndCrlIssuersWithoutAList() throws Exception {
    Ca below = below(7);

    Files.write(
        listFile, pem(list(ca, 5), below.list(5, clock.instant(), DAY, other.keys.getPrivate())));
    assertThatThrownBy(this::keeperWithIssuer)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(listFile.toString())
        .hasMessageContaining("signature");
    // A list that another CA signed lies in the place of its list.
    Files.write(listFile, list(ca, 5));
    assertThatThrownBy(this::keeperWithIssuer)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(issuerFile.toString())
        .hasMessageContaining("CN=Below");
    Files.write(listFile, pem(list(ca, 5), list(below, 1)));
    assertThatThrownBy(this::keeper)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(listFile.toString())
        .hasMessageContaining("crlIssuers");
  }

  @Test
  void whatACrlIssuerRevokedStaysRevokedWhenItIsTakenOut() throws Exception {
    Ca below = below(7);
    Ca second = below(8);
    BigInteger revoked = BigInteger.valueOf(77);
    Files.writeString(issuerFile, Pem.text(below.certificate, second.certificate));
    Files.write(listFile, pem(list(ca, 1), list(below, 5, revoked), list(second, 1)));
    ClientTrustReloader keeper = keeperWithIssuer();

    Files.writeString(issuerFile, Pem.text(second.certificate));
    Files.write(listFile, pem(list(ca, 1), list(second, 1)));
    keeper.reload();
    assertThat(accepts(keeper, chain(below, revoked))).isFalse();
    Files.writeString(issuerFile, Pem.text(below.certificate, second.certificate));
    Files.write(listFile, pem(list(ca, 1), list(below, 4), list(second, 1)));
    assertThatThrownBy(keeper::reload).hasMessageContaining("older (number 4)");
  }

  @Test
  void listThatIsLeftBehindByItsCaIsSaid() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(ClientTrustReloader.class);
    ClientTrustReloader keeper = keeper();
    log.start();
    logger.addAppender(log);
    try {
      Files.writeString(caFile, Pem.text(ca.certificate));
      keeper.reload();

      assertThat(log.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .anyMatch(line -> line.contains("CN=Other, which is no client CA any more"));
    } finally {
      logger.detachAppender(log);
    }
    assertThatThrownBy(this::keeper).isInstanceOf(StartupException.class);
  }

  @Test
  void listOfACrlIssuerThatBecomesAClientCaHasASuccessorOfTheSameKey() throws Exception {
    Ca below = below(7);
    Files.write(listFile, pem(list(ca, 1), list(below, 5)));
    ClientTrustReloader keeper = keeperWithIssuer();

    Files.writeString(caFile, Pem.text(ca.certificate, below.certificate));
    Files.write(listFile, pem(list(ca, 1), below.listThatDoesNotNameItsKey(4, clock.instant())));
    assertThatThrownBy(keeper::reload).hasMessageContaining("older");
    Files.write(listFile, pem(list(ca, 1), below.listThatDoesNotNameItsKey(6, clock.instant())));
    keeper.reload();
    assertThat(keeper.trust().current().cas()).hasSize(2);
  }

  @Test
  void aRestartGoesBackToAnOlderList() throws Exception {
    keeper();
    Files.write(listFile, pem(list(ca, 4), list(other, 7)));

    assertThat(keeper().trust().current().cas()).hasSize(2);
  }

  @Test
  void aListThatComesToItsEndIsLoggedOnce() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(ClientTrustReloader.class);
    log.start();
    logger.addAppender(log);
    try {
      ClientTrustReloader keeper = keeper();
      keeper.look();
      assertThat(log.list).isEmpty();

      clock.advance(DAY.plusSeconds(1));
      keeper.look();
      keeper.look();

      assertThat(log.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .hasSize(2)
          .allMatch(line -> line.contains("past its next update"))
          .anyMatch(line -> line.contains("CN=Partner"));
    } finally {
      logger.detachAppender(log);
    }
  }
}
