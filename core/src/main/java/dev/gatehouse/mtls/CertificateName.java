package dev.gatehouse.mtls;

import dev.gatehouse.secret.Digest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;

/// A name by which a certificate can be registered: one name of its subject alternative name
/// extension, or its fingerprint. A name is meaningful only together with the CA that issued the
/// certificate. Immutable and thread-safe; does not block.
///
/// @param value the name in its canonical form, so that two names can be compared as texts
public record CertificateName(Kind kind, String value) {

  /// The kinds of names.
  public enum Kind {
    /// The SHA-256 of the certificate, in lower-case hex.
    FINGERPRINT("fingerprint"),
    /// A SPIFFE ID (SPIFFE ID, §2), from a URI name.
    SPIFFE("spiffe"),
    /// A DNS name, in lower case.
    DNS("dns"),
    /// An e-mail address, with the domain in lower case.
    EMAIL("email");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /// The word for the kind in documents and commands.
    public String id() {
      return id;
    }

    /// Returns the kind with this word; empty if there is none.
    public static Optional<Kind> of(String id) {
      for (Kind kind : values()) {
        if (kind.id.equals(id)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  /// The largest number of names of one certificate. A certificate with more is refused.
  static final int MAX_NAMES = 16;

  private static final int MAX_SPIFFE_ID = 2048;

  // SPIFFE ID §2.1 and §2.2: a trust domain of lower-case letters, digits, dots, dashes and
  // underscores; then path segments that are not empty, "." or "..".
  private static final Pattern SPIFFE_ID =
      Pattern.compile("spiffe://[a-z0-9._-]{1,255}(?:/(?!\\.{1,2}(?:/|\\z))[A-Za-z0-9._-]+)*");
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  /// Parses a name that a person wrote, and returns its canonical form. Throws
  /// [IllegalArgumentException], whose message describes the form, for another text.
  public static CertificateName of(Kind kind, String text) {
    return switch (kind) {
      case FINGERPRINT -> {
        String hex = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!FINGERPRINT.matcher(hex).matches()) {
          throw new IllegalArgumentException(
              "a fingerprint is the SHA-256 of the certificate: 64 hex digits");
        }
        yield new CertificateName(kind, hex);
      }
      case SPIFFE -> {
        if (text.length() > MAX_SPIFFE_ID || !SPIFFE_ID.matcher(text).matches()) {
          throw new IllegalArgumentException(
              "a SPIFFE ID is spiffe://, a trust domain in lower case, and a path");
        }
        yield new CertificateName(kind, text);
      }
      case DNS -> {
        if (!ExtensionSyntax.isDnsName(text)) {
          throw new IllegalArgumentException("a DNS name is a host's, and no wildcard");
        }
        yield new CertificateName(kind, text.toLowerCase(Locale.ROOT));
      }
      case EMAIL -> {
        if (!ExtensionSyntax.isMailbox(text)) {
          throw new IllegalArgumentException("an e-mail address is name@host");
        }
        // RFC 5280 §7.5: the local part is compared exactly, the host without regard to case.
        int at = text.lastIndexOf('@');
        yield new CertificateName(
            kind, text.substring(0, at) + text.substring(at).toLowerCase(Locale.ROOT));
      }
    };
  }

  /// Returns the names by which a certificate may be registered: first its fingerprint, then its
  /// names of one kind. SPIFFE IDs come before DNS names, and DNS names before e-mail addresses;
  /// the names of the other kinds are ignored. The subject is never used.
  ///
  /// Throws [IllegalArgumentException], whose message continues a sentence about the certificate,
  /// if its names are ambiguous or malformed, or if it has too many.
  static List<CertificateName> namesOf(X509Certificate certificate) {
    byte[] der = CertificateEncoding.der(certificate);
    List<CertificateName> names = new ArrayList<>();
    names.add(fingerprint(der));
    List<GeneralName> alternative = CertificateProfile.alternativeNames(der);
    List<String> uris = texts(alternative, GeneralName.uniformResourceIdentifier);
    List<String> dns = texts(alternative, GeneralName.dNSName);
    List<String> mailboxes = texts(alternative, GeneralName.rfc822Name);
    if (uris.stream().anyMatch(uri -> uri.regionMatches(true, 0, "spiffe:", 0, 7))) {
      // X.509-SVID §2: a certificate has exactly one URI. With two, readers could choose different
      // ones.
      if (uris.size() != 1) {
        throw new IllegalArgumentException("has a SPIFFE ID and another URI");
      }
      names.add(of(Kind.SPIFFE, uris.getFirst()));
    } else if (!dns.isEmpty()) {
      dns.forEach(name -> names.add(of(Kind.DNS, name)));
    } else {
      mailboxes.forEach(mailbox -> names.add(of(Kind.EMAIL, mailbox)));
    }
    List<CertificateName> distinct = names.stream().distinct().toList();
    if (distinct.size() > MAX_NAMES) {
      throw new IllegalArgumentException("has too many names");
    }
    return distinct;
  }

  private static List<String> texts(List<GeneralName> names, int kind) {
    return names.stream()
        .filter(name -> name.getTagNo() == kind)
        .map(ExtensionSyntax::text)
        .toList();
  }

  /// Returns the fingerprint of a certificate. Does not parse it.
  ///
  /// @param der the certificate in DER
  static CertificateName fingerprint(byte[] der) {
    return new CertificateName(
        Kind.FINGERPRINT, HexFormat.of().formatHex(Digest.sha256(der).bytes()));
  }

  /// Parses a text of [#toString]. Throws [IllegalArgumentException] for another text.
  public static CertificateName parse(String text) {
    int colon = text.indexOf(':');
    return Kind.of(text.substring(0, Math.max(colon, 0)))
        .map(kind -> of(kind, text.substring(colon + 1)))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a name is fingerprint:, spiffe:, dns: or email:, followed by the value"));
  }

  /// Returns the kind and the value, with a colon between them.
  @Override
  public String toString() {
    return kind.id + ":" + value;
  }
}
