package dev.gatehouse.mtls;

import dev.gatehouse.HeaderFields;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The fields in which a proxy that terminates TLS forwards the certificate of the client.
///
/// Anyone can send these fields. Read them only if the connection comes from a listed proxy, which
/// removes what clients send with these names (RFC 9440 §4). The certificates are parsed and not
/// validated. Thread-safe; does not block.
public enum ForwardedCertificate {

  /// `Client-Cert` and `Client-Cert-Chain` (RFC 9440 §2).
  CLIENT_CERT("Client-Cert") {
    @Override
    Reading parse(HeaderFields fields) {
      return clientCert(fields);
    }
  },
  /// `X-Forwarded-Client-Cert`, in Envoy's format, with `Cert` or `Chain`.
  X_FORWARDED_CLIENT_CERT("X-Forwarded-Client-Cert") {
    @Override
    Reading parse(HeaderFields fields) {
      return forwarded(fields);
    }
  };

  /// The result of reading the fields.
  public sealed interface Reading {

    /// The client sent no certificate to the proxy.
    record None() implements Reading {}

    /// The certificates; the client's certificate is the first one.
    record Chain(List<X509Certificate> certificates) implements Reading {}

    /// The fields cannot be parsed. The request must not be authenticated by them.
    ///
    /// @param why the reason, for operators
    record Malformed(String why) implements Reading {}
  }

  private static final String CHAIN_FIELD = "Client-Cert-Chain";
  private static final int MAX_CHARS = 96 * 1024;
  private static final Pattern ITEM = Pattern.compile(":([A-Za-z0-9+/]*={0,2}):");
  private static final Pattern PEM =
      Pattern.compile(
          "\\s*-----BEGIN CERTIFICATE-----\\r?\\n((?:[A-Za-z0-9+/]+={0,2}\\r?\\n)++)"
              + "-----END CERTIFICATE-----\\s*");

  private final String field;

  ForwardedCertificate(String field) {
    this.field = field;
  }

  /// The name of the field with the client's certificate.
  public String field() {
    return field;
  }

  /// The names of all fields that are read.
  public List<String> fields() {
    return this == CLIENT_CERT ? List.of(field, CHAIN_FIELD) : List.of(field);
  }

  /// Reads the fields of a request from a listed proxy. Does not validate the certificates.
  public Reading read(HeaderFields fields) {
    try {
      return parse(fields);
    } catch (IllegalArgumentException malformed) {
      return new Reading.Malformed(field + " can't be read: " + malformed.getMessage());
    }
  }

  abstract Reading parse(HeaderFields fields);

  private static String only(List<String> values) {
    if (values.size() != 1) {
      throw new IllegalArgumentException("it is present " + values.size() + " times");
    }
    if (values.getFirst().length() > MAX_CHARS) {
      throw new IllegalArgumentException("it is too long");
    }
    return values.getFirst();
  }

  // A proxy may set the field for every request, and leave it empty if there is no certificate.
  private static List<String> values(HeaderFields fields, String name) {
    List<String> values = fields.values(name);
    return values.stream().allMatch(String::isBlank) ? List.of() : values;
  }

  // RFC 9651 §4.1.8: "::" is an empty byte sequence.
  private static List<String> sequences(HeaderFields fields, String name) {
    List<String> values = values(fields, name);
    return values.stream().allMatch(value -> value.isBlank() || value.strip().equals("::"))
        ? List.of()
        : values;
  }

  private static Reading clientCert(HeaderFields fields) {
    List<String> leaf = sequences(fields, CLIENT_CERT.field);
    List<String> chain = sequences(fields, CHAIN_FIELD);
    if (leaf.isEmpty()) {
      if (!chain.isEmpty()) {
        // RFC 9440 §2.3: Client-Cert-Chain is sent only together with Client-Cert.
        throw new IllegalArgumentException(CHAIN_FIELD + " came without it");
      }
      return new Reading.None();
    }
    List<X509Certificate> certificates = new ArrayList<>();
    certificates.add(item(only(leaf).strip()));
    if (!chain.isEmpty()) {
      String list = only(chain).strip();
      for (String member : list.split(",", CertificateEncoding.MAX_CHAIN_LENGTH + 1)) {
        certificates.add(item(member.strip()));
      }
    }
    return chain(certificates);
  }

  // RFC 9651 §3.3.5: a byte sequence is Base64 between colons. RFC 9440 §2.1 defines no parameters.
  private static X509Certificate item(String text) {
    Matcher matcher = ITEM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a certificate is a byte sequence, :base64:");
    }
    return CertificateEncoding.parse(base64(matcher.group(1)));
  }

  // RFC 9651 §4.2.7: the padding may be absent, and the bits after the last byte need not be zero.
  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static Reading chain(List<X509Certificate> certificates) {
    if (certificates.size() > CertificateEncoding.MAX_CHAIN_LENGTH) {
      throw new IllegalArgumentException(
          "more than " + CertificateEncoding.MAX_CHAIN_LENGTH + " certificates");
    }
    return new Reading.Chain(List.copyOf(certificates));
  }

  private static Reading forwarded(HeaderFields fields) {
    List<String> values = values(fields, X_FORWARDED_CLIENT_CERT.field);
    if (values.isEmpty()) {
      return new Reading.None();
    }
    Map<String, String> pairs = pairs(only(values));
    String hash = pairs.get("hash");
    List<X509Certificate> leaf = pem(pairs.get("cert"));
    List<X509Certificate> chain = pem(pairs.get("chain"));
    if (leaf.isEmpty() && chain.isEmpty()) {
      throw new IllegalArgumentException("the proxy must send Cert or Chain");
    }
    if (leaf.size() > 1) {
      throw new IllegalArgumentException("Cert holds more than one certificate");
    }
    if (!leaf.isEmpty() && !chain.isEmpty() && !chain.getFirst().equals(leaf.getFirst())) {
      throw new IllegalArgumentException("Chain does not begin with Cert");
    }
    List<X509Certificate> certificates = chain.isEmpty() ? leaf : chain;
    if (hash != null
        && !CertificateName.of(CertificateName.Kind.FINGERPRINT, hash)
            .equals(
                CertificateName.fingerprint(CertificateEncoding.der(certificates.getFirst())))) {
      throw new IllegalArgumentException("Hash is of another certificate");
    }
    return chain(certificates);
  }

  private static final Set<String> ONCE = Set.of("cert", "chain", "hash");

  // key=value;key="value". A comma begins the element of another proxy, and only one element is
  // read.
  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new HashMap<>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        throw new IllegalArgumentException("a key has no value");
      }
      String key = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
      if (!key.matches("[a-z]{1,16}")) {
        throw new IllegalArgumentException("a key is a word");
      }
      StringBuilder value = new StringBuilder();
      at = value(text, equals + 1, value);
      if (pairs.put(key, value.toString()) != null && ONCE.contains(key)) {
        throw new IllegalArgumentException(key + " is present twice");
      }
      if (at < text.length()) {
        char next = text.charAt(at);
        if (next == ',') {
          throw new IllegalArgumentException("it names the clients of more than one proxy");
        }
        if (next != ';' || at + 1 == text.length()) {
          throw new IllegalArgumentException("pairs are separated by semicolons");
        }
        at++;
      }
    }
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("it is empty");
    }
    return pairs;
  }

  // Appends the value, and returns the index after it.
  private static int value(String text, int from, StringBuilder value) {
    int at = from;
    if (at == text.length() || text.charAt(at) != '"') {
      while (at < text.length() && ";,".indexOf(text.charAt(at)) < 0) {
        value.append(text.charAt(at++));
      }
      return at;
    }
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\') {
        at++;
      }
      if (at < text.length()) {
        value.append(text.charAt(at++));
      }
    }
    if (at >= text.length()) {
      throw new IllegalArgumentException("a quoted value does not end");
    }
    return at + 1;
  }

  private static List<X509Certificate> pem(@org.jspecify.annotations.Nullable String encoded) {
    if (encoded == null || encoded.isEmpty()) {
      return List.of();
    }
    String text = percentDecoded(encoded);
    List<X509Certificate> certificates = new ArrayList<>();
    Matcher matcher = PEM.matcher(text);
    int end = 0;
    while (end < text.length()) {
      // The match must begin at the end of the last one. A search would take quadratic time.
      if (!matcher.region(end, text.length()).lookingAt()) {
        throw new IllegalArgumentException("a certificate is URL-encoded PEM");
      }
      if (certificates.size() == CertificateEncoding.MAX_CHAIN_LENGTH) {
        throw new IllegalArgumentException(
            "more than " + CertificateEncoding.MAX_CHAIN_LENGTH + " certificates");
      }
      certificates.add(
          CertificateEncoding.parse(base64(matcher.group(1).replace("\r", "").replace("\n", ""))));
      end = matcher.end();
    }
    return certificates;
  }

  // RFC 3986 §2.1. A plus sign stays a plus sign, because Base64 contains it.
  private static String percentDecoded(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        throw new IllegalArgumentException("a certificate is URL-encoded PEM");
      }
      if (c != '%') {
        bytes.put((byte) c);
      } else if (i + 2 < text.length()
          && HexFormat.isHexDigit(text.charAt(i + 1))
          && HexFormat.isHexDigit(text.charAt(i + 2))) {
        bytes.put((byte) HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        throw new IllegalArgumentException("its percent-encoding is broken");
      }
    }
    try {
      return StandardCharsets.US_ASCII.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException notText) {
      throw new IllegalArgumentException("a certificate is URL-encoded PEM", notText);
    }
  }
}
