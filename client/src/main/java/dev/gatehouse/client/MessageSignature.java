package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// An HTTP Message Signature (RFC 9421).
///
/// It covers `@method` and `@target-uri`, and `content-digest` if there is a body. It adds that
/// field (RFC 9530, SHA-256). Its parameters are `created`, `keyid` and a `nonce`. Immutable and
/// thread-safe: each method that changes something returns a new object. The text form contains no
/// secret.
public final class MessageSignature implements Credential {

  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_SECRET_BYTES = 32;
  private static final int P256_BITS = 256;

  // RFC 9421 §4.1: the label can be any name that is the same in both fields
  private static final String DEFAULT_LABEL = "sig";

  // RFC 8941 §3.1.2
  private static final Pattern DICTIONARY_KEY = Pattern.compile("[a-z*][a-z0-9_.*-]{0,63}");

  private static final String CONTENT_DIGEST = "content-digest";

  /// The form of a signature, and what it covers in addition to the method, target and body.
  private record Form(
      List<String> more, String label, @Nullable String tag, boolean withAlgorithm) {}

  private final SignatureAlgorithm algorithm;
  private final Key key;
  private final String keyId;
  private final Form form;
  private final Clock clock;
  private final Supplier<String> nonces;

  private MessageSignature(
      SignatureAlgorithm algorithm,
      Key key,
      String keyId,
      Form form,
      Clock clock,
      Supplier<String> nonces) {
    this.algorithm = algorithm;
    this.key = key;
    this.keyId = keyId;
    this.form = form;
    this.clock = clock;
    this.nonces = nonces;
  }

  private static MessageSignature by(SignatureAlgorithm algorithm, Key key, String keyId) {
    return new MessageSignature(
        algorithm,
        key,
        FieldText.visible("A key id", keyId),
        new Form(List.of(), DEFAULT_LABEL, null, false),
        Clock.systemUTC(),
        Nonces::next);
  }

  /// Signs with a secret that the gate printed: `hmac-sha256`.
  ///
  /// @throws IllegalArgumentException if the secret has fewer than 32 bytes or is malformed
  public static MessageSignature hmacSha256(String keyId, String secret) {
    return hmacSha256(keyId, FieldText.secret(secret));
  }

  /// Signs with a secret that both sides know: `hmac-sha256`.
  ///
  /// @param secret at least 32 bytes; throws [IllegalArgumentException] otherwise
  public static MessageSignature hmacSha256(String keyId, byte[] secret) {
    if (secret.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException("A secret for hmac-sha256 has 32 bytes or more");
    }
    SecretKey key = new SecretKeySpec(secret, "HmacSHA256");
    return by(SignatureAlgorithm.HMAC_SHA256, key, keyId);
  }

  /// Signs with an Ed25519 key: `ed25519`.
  ///
  /// @throws IllegalArgumentException for any other key
  public static MessageSignature ed25519(String keyId, PrivateKey key) {
    if (!(key instanceof EdECPrivateKey edwards)
        || !edwards.getParams().getName().equals("Ed25519")) {
      throw new IllegalArgumentException("ed25519 needs an Ed25519 key");
    }
    return by(SignatureAlgorithm.ED25519, key, keyId);
  }

  /// Signs with a key on the curve P-256: `ecdsa-p256-sha256`.
  ///
  /// @throws IllegalArgumentException for any other key
  public static MessageSignature ecdsaP256Sha256(String keyId, PrivateKey key) {
    if (!(key instanceof ECPrivateKey elliptic)
        || elliptic.getParams().getOrder().bitLength() != P256_BITS) {
      throw new IllegalArgumentException("ecdsa-p256-sha256 needs an EC key on the curve P-256");
    }
    return by(SignatureAlgorithm.ECDSA_P256_SHA256, key, keyId);
  }

  /// Signs with an RSA key of at least 2048 bits: `rsa-pss-sha512`.
  ///
  /// @throws IllegalArgumentException for any other key
  public static MessageSignature rsaPssSha512(String keyId, PrivateKey key) {
    if (!(key instanceof RSAKey rsa) || rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      throw new IllegalArgumentException("rsa-pss-sha512 needs an RSA key of 2048 bits or more");
    }
    return by(SignatureAlgorithm.RSA_PSS_SHA512, key, keyId);
  }

  /// Returns a signature that also covers these components: names of fields in lower case
  /// (`content-type`), or `@authority`, `@scheme`, `@request-target`, `@path`, `@query`. A request
  /// that lacks a covered field is not sent.
  ///
  /// @throws IllegalArgumentException for any other component
  public MessageSignature covering(String... components) {
    List<String> all = new ArrayList<>(form.more);
    for (String component : components) {
      all.add(SignatureBase.checked(component));
    }
    return in(new Form(List.copyOf(all), form.label, form.tag, form.withAlgorithm));
  }

  /// Returns a signature with that label, which is the name of its entries in `Signature-Input` and
  /// `Signature`. The default is `sig`.
  ///
  /// @throws IllegalArgumentException if the label cannot be the key of a dictionary (RFC 8941
  ///   §3.1.2)
  public MessageSignature labelled(String label) {
    if (!DICTIONARY_KEY.matcher(label).matches()) {
      throw new IllegalArgumentException(
          "A label has lower-case letters, digits, and _ - . *, and begins with a letter or *");
    }
    return in(new Form(form.more, label, form.tag, form.withAlgorithm));
  }

  /// Returns a signature with that tag (RFC 9421 §2.3), by which the gate can distinguish
  /// signatures.
  public MessageSignature tagged(String tag) {
    return in(new Form(form.more, form.label, FieldText.visible("A tag", tag), form.withAlgorithm));
  }

  /// Returns a signature that also names its algorithm (`alg`). The verifier knows the algorithm
  /// from the key and must not rely on this parameter (RFC 9421 §7.3.6), but some verifiers require
  /// it.
  public MessageSignature withAlgorithmParameter() {
    return in(new Form(form.more, form.label, form.tag, true));
  }

  private MessageSignature in(Form other) {
    return new MessageSignature(algorithm, key, keyId, other, clock, nonces);
  }

  // For tests with known signatures.
  MessageSignature at(Clock time, Supplier<String> chosen) {
    return new MessageSignature(algorithm, key, keyId, form, time, chosen);
  }

  @Override
  public boolean readsBody() {
    return true;
  }

  @Override
  public Map<String, String> fields(OutgoingRequest request) {
    Map<String, String> fields = new LinkedHashMap<>();
    Set<String> covered = new LinkedHashSet<>(List.of("@method", "@target-uri"));
    if (!request.isEmpty()) {
      fields.put("Content-Digest", contentDigest(request.body()));
      covered.add(CONTENT_DIGEST);
    }
    covered.addAll(form.more);
    SignatureParameters parameters =
        new SignatureParameters(
            List.copyOf(covered),
            clock.instant().getEpochSecond(),
            keyId,
            nonces.get(),
            form.withAlgorithm ? algorithm.registeredName() : null,
            form.tag);
    String base = SignatureBase.of(request, fields, parameters);
    // RFC 9421 §4.1 and §4.2: both are dictionaries of structured fields, with the label as the key
    fields.put("Signature-Input", form.label + "=" + parameters.text());
    fields.put(
        "Signature",
        form.label
            + "=:"
            + Base64.getEncoder()
                .encodeToString(algorithm.sign(key, base.getBytes(StandardCharsets.US_ASCII)))
            + ":");
    return fields;
  }

  // RFC 9530 §2
  private static String contentDigest(byte[] body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
      return "sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":";
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has SHA-256", missing);
    }
  }

  @Override
  public String toString() {
    return algorithm.registeredName() + "[" + keyId + "]";
  }
}
