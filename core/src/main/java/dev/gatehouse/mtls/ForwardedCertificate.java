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

/// The certificate that a client showed to the proxy that ended TLS, in a field that the proxy set.
///
/// The field says whatever its sender wrote: it is to be read only where the connection comes from
/// a listed proxy, which overwrites what clients send by that name (RFC 9440 §4).
public enum ForwardedCertificate {

  /// `Client-Cert` and `Client-Cert-Chain` (RFC 9440 §2).
  CLIENT_CERT("Client-Cert") {
    @Override
    Reading parse(HeaderFields fields) {
      return clientCert(fields);
    }
  },
  /// `X-Forwarded-Client-Cert`, as Envoy writes it, with `Cert` or `Chain`.
  X_FORWARDED_CLIENT_CERT("X-Forwarded-Client-Cert") {
    @Override
    Reading parse(HeaderFields fields) {
      return forwarded(fields);
    }
  };

  /// What the fields hold.
  public sealed interface Reading {

    /// The client showed no certificate.
    record None() implements Reading {}

    /// The certificates, the client's own first.
    record Chain(List<X509Certificate> certificates) implements Reading {}

    /// They can't be read: nobody may pass on their strength.
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

  /// The name of the field.
  public String field() {
    return field;
  }

  /// The names of everything that is read: the field, and what may come with it.
  public List<String> fields() {
    return this == CLIENT_CERT ? List.of(field, CHAIN_FIELD) : List.of(field);
  }

  /// Reads the fields of a request that a listed proxy sent.
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
      throw new IllegalArgumentException("it is there " + values.size() + " times");
    }
    if (values.getFirst().length() > MAX_CHARS) {
      throw new IllegalArgumentException("it is too long");
    }
    return values.getFirst();
  }

  // A proxy that sets its field for every request leaves it empty where there is no certificate.
  private static List<String> values(HeaderFields fields, String name) {
    List<String> values = fields.values(name);
    return values.stream().allMatch(String::isBlank) ? List.of() : values;
  }

  // RFC 9651 §4.1.8: so is a byte sequence without a byte written.
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
        // RFC 9440 §2.3: never without the certificate that it belongs to.
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

  // RFC 9651 §3.3.5: a byte sequence is base64 between colons; RFC 9440 §2.1 knows no parameters.
  private static X509Certificate item(String text) {
    Matcher matcher = ITEM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a certificate is a byte sequence, :base64:");
    }
    return CertificateEncoding.parse(base64(matcher.group(1)));
  }

  // RFC 9651 §4.2.7: also without padding, and with bits behind the last byte. The bytes count.
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
      throw new IllegalArgumentException("the proxy has to send Cert or Chain");
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

  // key=value;key="value": one element, since each comma begins what another proxy added.
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
        throw new IllegalArgumentException(key + " is there twice");
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

  // Where the value ends.
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
      // From there, and not from anywhere behind it: that would take quadratic time.
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

  // RFC 3986 §2.1; a plus sign is itself, as base64 needs it.
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
