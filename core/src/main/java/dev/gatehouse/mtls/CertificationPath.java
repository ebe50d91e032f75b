package dev.gatehouse.mtls;

import dev.gatehouse.secret.Digest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/// By what lists of revoked certificates name the certificates of a path, without the certificates:
/// the issuer and the serial number of each one below the client CA (RFC 5280 §5.1).
///
/// The text form holds digests of the issuers' names, and so tells nothing personal. Immutable.
record CertificationPath(List<Entry> entries) {

  /// @param issuer [#digestOf] its name
  record Entry(String issuer, BigInteger serial) {}

  /// Copies the list. Throws [IllegalArgumentException] when it is empty or too long.
  CertificationPath {
    entries = List.copyOf(entries);
    if (entries.isEmpty() || entries.size() > CertificateEncoding.MAX_CHAIN_LENGTH) {
      throw new IllegalArgumentException("no path of certificates");
    }
  }

  /// The path of those certificates, the client CA's own left out.
  static CertificationPath of(List<X509Certificate> belowTheCa) {
    return new CertificationPath(
        belowTheCa.stream()
            .map(
                certificate ->
                    new Entry(
                        digestOf(certificate.getIssuerX500Principal()),
                        certificate.getSerialNumber()))
            .toList());
  }

  /// Reads the text form; throws [IllegalArgumentException] when it is none.
  static CertificationPath parse(String text) {
    return new CertificationPath(
        Arrays.stream(text.split(",", CertificateEncoding.MAX_CHAIN_LENGTH + 1))
            .map(CertificationPath::entry)
            .toList());
  }

  private static Entry entry(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      throw new IllegalArgumentException("no certificate of a path");
    }
    return new Entry(text.substring(0, dot), new BigInteger(text.substring(dot + 1), 16));
  }

  /// The same for names that are the same by RFC 5280 §7.1, as the JDK compares them.
  static String digestOf(X500Principal name) {
    byte[] canonical = name.getName(X500Principal.CANONICAL).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Digest.sha256(canonical).bytes());
  }

  /// The text form.
  @Override
  public String toString() {
    return entries.stream()
        .map(entry -> entry.issuer + "." + entry.serial.toString(16))
        .collect(Collectors.joining(","));
  }
}
