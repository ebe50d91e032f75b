package dev.gatehouse.mtls;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// Certificates, lists of revoked ones, and the fields in which proxies pass them on.
public final class CertificateTargets {

  private CertificateTargets() {}

  /// A value in DER. What is read is written as the same bytes.
  public static void der(byte[] input) throws IOException {
    ASN1Primitive read;
    try {
      read = Der.read(input);
    } catch (IOException | RuntimeException malformed) {
      return;
    }
    if (read != null) {
      Holds.that(Arrays.equals(read.getEncoded(ASN1Encoding.DER), input), "the same bytes");
    }
  }

  /// A certificate.
  public static void certificate(byte[] input) {
    X509Certificate certificate;
    try {
      certificate = CertificateEncoding.parse(input);
    } catch (IllegalArgumentException refused) {
      return;
    }
    checkAll(certificate);
  }

  private static void checkAll(X509Certificate certificate) {
    byte[] der = CertificateEncoding.der(certificate);
    boolean good = false;
    for (CertificateProfile.Role role : CertificateProfile.Role.values()) {
      good |=
          CertificateProfile.fault(certificate, der, role, KeyPurposeId.id_kp_clientAuth) == null;
    }
    if (good) {
      try {
        CertificateName.namesOf(certificate)
            .forEach(name -> Holds.equal(CertificateName.parse(name.toString()), name));
      } catch (IllegalArgumentException refused) {
        // the declared refusal
      }
    }
  }

  /// A list of revoked certificates.
  public static void revocationList(byte[] input) {
    try {
      RevocationList.of(input);
    } catch (IllegalArgumentException refused) {
      // the declared refusal
    }
  }

  /// The fields in which a proxy passes a certificate on.
  public static void forwarded(byte[] input) {
    HeaderFields fields = Inputs.fields(Inputs.latin1(input));
    for (ForwardedCertificate field : ForwardedCertificate.values()) {
      if (field.read(fields) instanceof ForwardedCertificate.Reading.Chain(var certificates)) {
        Holds.that(
            !certificates.isEmpty() && certificates.size() <= CertificateEncoding.MAX_CHAIN_LENGTH,
            "a bounded chain");
      }
    }
  }

  /// A name as a person writes it.
  public static void name(byte[] input) {
    CertificateName name;
    try {
      name = CertificateName.parse(Inputs.utf8(input));
    } catch (IllegalArgumentException refused) {
      return;
    }
    Holds.equal(CertificateName.parse(name.toString()), name);
  }
}
