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

/// The issuer and the serial number of each certificate of a path, without the certificates. Lists
/// of revoked certificates name a certificate by these two values (RFC 5280 §5.1), so a path can be
/// checked against new lists later. The client CA itself is not included.
///
/// The text form holds digests of the issuers' names, so it contains no personal data. Immutable
/// and thread-safe; does not block.
record CertificationPath(List<Entry> entries) {

  /// One certificate of the path.
  ///
  /// @param issuer the [#digestOf] the issuer's name
  record Entry(String issuer, BigInteger serial) {}

  /// Copies the list. Throws [IllegalArgumentException] if it is empty or too long.
  CertificationPath {
    entries = List.copyOf(entries);
    if (entries.isEmpty() || entries.size() > CertificateEncoding.MAX_CHAIN_LENGTH) {
      throw new IllegalArgumentException("no path of certificates");
    }
  }

  /// The path of these certificates.
  ///
  /// @param belowTheCa the certificates below the client CA
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

  /// Parses the text form. Throws [IllegalArgumentException] for another text.
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

  /// Returns the digest of a name. Names that are equal by RFC 5280 §7.1, as the JDK compares them,
  /// have the same digest.
  static String digestOf(X500Principal name) {
    byte[] canonical = name.getName(X500Principal.CANONICAL).getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Digest.sha256(canonical).bytes());
  }

  /// Returns the text form, which [#parse] reads.
  @Override
  public String toString() {
    return entries.stream()
        .map(entry -> entry.issuer + "." + entry.serial.toString(16))
        .collect(Collectors.joining(","));
  }
}
