package dev.gatehouse.server.tls;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.util.io.pem.PemGenerationException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/// Reads certificates and private keys in PEM (RFC 7468). Error messages never quote the text,
/// which may be a key.
final class Pem {

  private Pem() {}

  /// The text holds no usable certificate or key; the message says why.
  static final class Unreadable extends Exception {

    private static final long serialVersionUID = 1L;

    Unreadable(String message) {
      super(message);
    }
  }

  /// The certificates, in their order; at least one. No list of revoked certificates may stand
  /// beside them: it would be passed over, and would look as if it counted.
  static List<X509Certificate> certificates(String text) throws Unreadable {
    List<X509Certificate> chain = new ArrayList<>();
    for (Object entry : entries(text)) {
      if (entry instanceof X509CertificateHolder holder) {
        try {
          chain.add(new JcaX509CertificateConverter().getCertificate(holder));
        } catch (CertificateException e) {
          throw new Unreadable("holds a certificate that Java cannot read");
        }
      } else if (entry instanceof X509CRLHolder) {
        throw new Unreadable(
            "holds a list of revoked certificates, which does not count here: remove it; lists of"
                + " client CAs have files of their own, in 'methods.mtls.crls'");
      }
    }
    if (chain.isEmpty()) {
      throw new Unreadable("holds no certificate (-----BEGIN CERTIFICATE-----)");
    }
    return List.copyOf(chain);
  }

  /// The one private key: PKCS#8 (RFC 5958), or the older forms for EC (RFC 5915) and RSA (RFC 8017
  /// §A.1.2).
  static PrivateKey privateKey(String text) throws Unreadable {
    List<PrivateKeyInfo> keys = new ArrayList<>();
    for (Object entry : entries(text)) {
      switch (entry) {
        case PrivateKeyInfo info -> keys.add(info);
        case PEMKeyPair pair -> keys.add(pair.getPrivateKeyInfo());
        case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
            throw new Unreadable("holds a key that is locked with a passphrase");
        default -> {}
      }
    }
    if (keys.size() != 1) {
      throw new Unreadable(
          keys.isEmpty()
              ? "holds no private key (-----BEGIN PRIVATE KEY-----)"
              : "holds more than one private key");
    }
    try {
      PrivateKeyInfo info = keys.getFirst();
      return KeyFactory.getInstance(info.getPrivateKeyAlgorithm().getAlgorithm().getId())
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (IOException | GeneralSecurityException e) {
      throw new Unreadable("holds a private key of a kind that Java cannot read");
    }
  }

  /// The lists of revoked certificates (RFC 7468 §6), each in DER; at least one.
  static List<byte[]> lists(String text) throws Unreadable {
    // The parts are not parsed before the signature of their CA is verified, because they may be
    // forged.
    List<PemObject> parts = new ArrayList<>();
    String whole = withoutMarks(text);
    try (PemReader reader = new PemReader(new StringReader(whole))) {
      for (PemObject part = reader.readPemObject(); part != null; part = reader.readPemObject()) {
        parts.add(part);
      }
    } catch (IOException | RuntimeException e) {
      throw new Unreadable("is damaged: it is no PEM text");
    }
    requireParts(parts.size(), whole);
    List<byte[]> lists =
        parts.stream()
            .filter(part -> part.getType().equals("X509 CRL"))
            .map(PemObject::getContent)
            .toList();
    if (lists.isEmpty()) {
      throw new Unreadable("holds no list of revoked certificates (-----BEGIN X509 CRL-----)");
    }
    if (lists.size() < parts.size()) {
      throw new Unreadable("holds something else than lists of revoked certificates");
    }
    return lists;
  }

  /// The one certification request (RFC 7468 §7).
  static PKCS10CertificationRequest request(String text) throws Unreadable {
    List<PKCS10CertificationRequest> requests = new ArrayList<>();
    for (Object entry : entries(text)) {
      if (entry instanceof PKCS10CertificationRequest request) {
        requests.add(request);
      }
    }
    if (requests.size() != 1) {
      throw new Unreadable("holds not one request (-----BEGIN CERTIFICATE REQUEST-----)");
    }
    return requests.getFirst();
  }

  static String text(X509CRL list) {
    return written(list);
  }

  static String text(PKCS10CertificationRequest request) {
    return written(request);
  }

  // A byte order mark, read as UTF-8 or byte by byte. When files are joined, each of them may bring
  // one.
  private static final Pattern MARK_BEFORE_ENTRY =
      Pattern.compile("^(?:\ufeff|\u00ef\u00bb\u00bf)(?=-----BEGIN )", Pattern.MULTILINE);

  private static String withoutMarks(String marked) {
    return MARK_BEFORE_ENTRY.matcher(marked).replaceAll("");
  }

  // The parser skips a part whose first line is damaged. Its last line is still there.
  private static void requireParts(int read, String text) throws Unreadable {
    if (text.lines().filter(line -> line.strip().startsWith("-----END ")).count() != read) {
      throw new Unreadable("is damaged: a part has no line -----BEGIN");
    }
  }

  private static List<Object> entries(String marked) throws Unreadable {
    String text = withoutMarks(marked);
    List<Object> entries = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object entry = parser.readObject(); entry != null; entry = parser.readObject()) {
        entries.add(entry);
      }
    } catch (IOException | RuntimeException e) {
      // The message of the parser may quote the text, which may be a key.
      throw new Unreadable("is damaged: it is no PEM text");
    }
    requireParts(entries.size(), text);
    return entries;
  }

  static String text(X509Certificate... certificates) {
    return written((Object[]) certificates);
  }

  /// The key in PKCS#8, without a passphrase.
  static String text(PrivateKey key) {
    try {
      return written(new JcaPKCS8Generator(key, null));
    } catch (PemGenerationException e) {
      throw new IllegalStateException("a key of ours is encoded", e);
    }
  }

  private static String written(Object... entries) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object entry : entries) {
        writer.writeObject(entry);
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing into memory", e);
    }
    return text.toString();
  }
}
