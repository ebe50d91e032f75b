package dev.gatehouse.mtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// A CA whose certificates the gate accepts from clients: a trust anchor. Immutable and
/// thread-safe; does not block.
public final class ClientCa {

  private static final int ID_BYTES = 12;

  private final X509Certificate certificate;
  private final String id;

  private ClientCa(X509Certificate certificate, String id) {
    this.certificate = certificate;
    this.id = id;
  }

  /// Returns the CA with this certificate. Checks the certificate against [CertificateProfile], and
  /// not its time or its signature.
  ///
  /// Throws [IllegalArgumentException], whose message continues a sentence about the certificate,
  /// if it is not suitable as a client CA.
  public static ClientCa of(X509Certificate certificate) {
    return of(certificate, KeyPurposeId.id_kp_clientAuth);
  }

  static ClientCa of(X509Certificate certificate, KeyPurposeId purpose) {
    X509Certificate read = CertificateEncoding.parse(CertificateEncoding.der(certificate));
    String fault =
        CertificateProfile.fault(
            read, CertificateEncoding.der(read), CertificateProfile.Role.ANCHOR, purpose);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    return new ClientCa(read, idOf(read));
  }

  // The id depends on the name and the key only. They stay when the certificate is renewed, so
  // registrations stay valid.
  private static String idOf(X509Certificate certificate) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(certificate.getSubjectX500Principal().getEncoded());
      digest.update(certificate.getPublicKey().getEncoded());
      return "ca_" + HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      // java.security.MessageDigest: every Java platform has SHA-256.
      throw new AssertionError(impossible);
    }
  }

  /// The id that registrations use: `ca_` and a digest of the subject and the key.
  public String id() {
    return id;
  }

  /// The certificate of the CA.
  public X509Certificate certificate() {
    return certificate;
  }

  /// The subject of the CA, as a text for people (RFC 2253).
  public String name() {
    return certificate.getSubjectX500Principal().getName();
  }

  /// The SHA-256 of the certificate in lower-case hex. It changes when the certificate is renewed.
  String fingerprint() {
    try {
      return CertificateName.fingerprint(certificate.getEncoded()).value();
    } catch (CertificateEncodingException impossible) {
      throw new AssertionError("what was read can be written", impossible);
    }
  }

  @Override
  public String toString() {
    return name() + " (" + id + ")";
  }
}
