package dev.gatehouse.signing;

import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.secret.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A secret for HS256 that an operator provides, after it was checked. The text form hides it.
/// Immutable and thread-safe.
public final class HmacSecret {

  /// The length of the shortest secret, in bytes.
  public static final int MIN_BYTES = 32;

  private static final int MAX_BYTES = 1024;
  // Of 10^7 random texts of 32 hexadecimal digits, fewer than one has fewer distinct digits.
  private static final int MIN_DISTINCT_BYTES = 8;
  private static final String PUBLISHED_SECRETS_FILE = "published-secrets.txt";
  private static final int PUBLISHED_HASH_BYTES = 8;
  private static final int KEY_ID_BYTES = 16;

  static final String KEY_ID_PREFIX = "hs_";

  private final byte[] secret;

  private HmacSecret(byte[] secret) {
    this.secret = secret;
  }

  /// Checks a secret. The UTF-8 bytes of the text are the key; nothing is decoded.
  ///
  /// Throws [IllegalArgumentException] if the secret has fewer than 32 or more than 1024 bytes, if
  /// it has too few distinct bytes or repeats a shorter text, or if it is in a list of published
  /// secrets. The message does not contain the secret. Cannot detect other texts that are not
  /// random. Reads the list from the class path, and so may block.
  public static HmacSecret of(String text) {
    byte[] secret = text.getBytes(StandardCharsets.UTF_8);
    // RFC 7518 §3.2: the key has at least the length of the hash, 256 bits.
    if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an HS256 secret has " + MIN_BYTES + " to " + MAX_BYTES + " bytes: make a random one");
    }
    if (isMonotonous(secret) || repeats(secret)) {
      throw new IllegalArgumentException(
          "the HS256 secret is not random: it repeats itself or counts");
    }
    if (published().contains(publishedHash(secret))) {
      throw new IllegalArgumentException(
          "the HS256 secret is public: it is in a published list of such secrets");
    }
    return new HmacSecret(secret);
  }

  /// The secret as a JSON Web Key. The key id is derived from the secret, so it is the same on all
  /// nodes. It helps an attacker to guess the secret no more than a token does.
  OctetSequenceKey key() {
    return new OctetSequenceKey.Builder(secret)
        .keyID(KEY_ID_PREFIX + Base64URL.encode(Arrays.copyOf(keyIdMac(secret), KEY_ID_BYTES)))
        .keyUse(KeyUse.SIGNATURE)
        .algorithm(SigningAlgorithm.HS256.jws())
        .build();
  }

  private static byte[] keyIdMac(byte[] secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal("gatehouse key id".getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }

  // Returns true for few distinct bytes, or few distinct steps between neighbours, as in an
  // alphabet.
  private static boolean isMonotonous(byte[] secret) {
    Set<Integer> bytes = new HashSet<>();
    Set<Integer> steps = new HashSet<>();
    for (int i = 0; i < secret.length; i++) {
      bytes.add((int) secret[i]);
      if (i > 0) {
        steps.add(secret[i] - secret[i - 1]);
      }
    }
    return bytes.size() < MIN_DISTINCT_BYTES || steps.size() < MIN_DISTINCT_BYTES;
  }

  // Returns true if the secret is a shorter text that is repeated.
  private static boolean repeats(byte[] secret) {
    for (int period = 1; period <= secret.length / 2; period++) {
      if (Arrays.equals(secret, period, secret.length, secret, 0, secret.length - period)) {
        return true;
      }
    }
    return false;
  }

  private static String publishedHash(byte[] secret) {
    return HexFormat.of().formatHex(Digest.sha256(secret).bytes(), 0, PUBLISHED_HASH_BYTES);
  }

  // The list is read each time, because a gate checks only a few secrets, at its start.
  private static Set<String> published() {
    try (InputStream list =
            Objects.requireNonNull(HmacSecret.class.getResourceAsStream(PUBLISHED_SECRETS_FILE));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(list, StandardCharsets.US_ASCII))) {
      return lines.lines().filter(line -> !line.startsWith("#")).collect(Collectors.toSet());
    } catch (IOException broken) {
      throw new IllegalStateException("the list of published secrets can't be read", broken);
    }
  }

  @Override
  public String toString() {
    return "HmacSecret[…]";
  }
}
