package dev.gatehouse.mtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// A CA whose certificates count as clients' here.
public final class ClientCa {

  private static final int ID_BYTES = 12;

  private final X509Certificate certificate;
  private final String id;

  private ClientCa(X509Certificate certificate, String id) {
    this.certificate = certificate;
    this.id = id;
  }

  /// The CA of that certificate; throws [IllegalArgumentException], whose message follows a name
  /// for the certificate, when no client's chain may end there.
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

  // Of its name and key, which stay when its certificate is renewed: what was registered goes on.
  private static String idOf(X509Certificate certificate) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(certificate.getSubjectX500Principal().getEncoded());
      digest.update(certificate.getPublicKey().getEncoded());
      return "ca_" + HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      // Every Java platform has it: java.security.MessageDigest says so.
      throw new AssertionError(impossible);
    }
  }

  /// By what registrations name it: a digest of its subject and its key.
  public String id() {
    return id;
  }

  /// Its certificate.
  public X509Certificate certificate() {
    return certificate;
  }

  /// Its subject, as people read it.
  public String name() {
    return certificate.getSubjectX500Principal().getName();
  }

  /// The SHA-256 of its certificate: two are the same only when every byte is.
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
