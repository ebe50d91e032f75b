package dev.gatehouse.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads certificates and keys from PEM files (RFC 7468). It is strict: between the BEGIN and END
/// lines there must be only lines of Base64. Text outside of them is ignored. Thread-safe; each
/// method blocks while it reads the file.
public final class Pem {

  private static final int MAX_BYTES = 1024 * 1024;

  // A byte order mark may precede it.
  private static final Pattern BEGIN =
      Pattern.compile("(?:\u00ef\u00bb\u00bf)?-----BEGIN ([A-Z0-9 ]{1,64})-----");
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
  private static final List<String> KEY_KINDS = List.of("EC", "Ed25519", "RSA", "RSASSA-PSS");

  private Pem() {}

  /// Returns the certificates of that file in their order; at least one. Does not verify them.
  ///
  /// @throws IOException if there is none, or the file cannot be read or is malformed
  public static List<X509Certificate> certificates(Path file) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (byte[] der : blocks(file, "CERTIFICATE", "")) {
      try {
        certificates.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der)));
      } catch (CertificateException noCertificate) {
        throw new IOException(file + " holds a certificate that can't be read", noCertificate);
      }
    }
    return certificates;
  }

  /// Returns the private key of that file, which must contain exactly one, in PKCS#8 and not
  /// encrypted.
  ///
  /// @throws IOException if there is none, or the file cannot be read or is malformed. The message
  ///   contains nothing of the key
  public static PrivateKey privateKey(Path file) throws IOException {
    List<byte[]> keys =
        blocks(
            file,
            "PRIVATE KEY",
            "; to make one of another form of key: openssl pkcs8 -topk8 -nocrypt -in KEY -out P8");
    if (keys.size() != 1) {
      throw new IOException(file + " holds more than one key");
    }
    PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(keys.getFirst());
    for (String kind : KEY_KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(encoded);
      } catch (NoSuchAlgorithmException | InvalidKeySpecException otherKind) {
        // Try the next one. The exception is not used as a cause: its message may contain part of
        // the key
      }
    }
    throw new IOException(file + " holds a key that is not EC, Ed25519 or RSA, or is damaged");
  }

  private static List<byte[]> blocks(Path file, String wanted, String hint) throws IOException {
    List<byte[]> blocks = new ArrayList<>();
    StringBuilder base64 = new StringBuilder();
    boolean inside = false;
    for (String line : LINE_END.split(text(file), -1)) {
      String text = line.stripTrailing();
      if (inside) {
        inside = !text.equals("-----END " + wanted + "-----");
        if (inside) {
          base64.append(text);
        } else {
          blocks.add(decoded(file, base64.toString()));
          base64.setLength(0);
        }
        continue;
      }
      Matcher begin = BEGIN.matcher(text);
      inside = begin.matches();
      if (inside && !begin.group(1).equals(wanted)) {
        throw new IOException(
            file + " holds " + begin.group(1) + " where " + wanted + " is due" + hint);
      }
    }
    if (inside || blocks.isEmpty()) {
      throw new IOException(file + " holds no whole " + wanted + " in PEM");
    }
    return blocks;
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(file + " is larger than a PEM file needs to be");
      }
      // RFC 7468 §2: there may be any text outside of the marks, so in any encoding
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static byte[] decoded(Path file, String base64) throws IOException {
    try {
      byte[] der = Base64.getDecoder().decode(base64);
      if (der.length > 0) {
        return der;
      }
    } catch (IllegalArgumentException notBase64) {
      // Not used as a cause: it quotes what it cannot decode
    }
    throw new IOException(file + " holds something between its marks that is no Base64");
  }
}
