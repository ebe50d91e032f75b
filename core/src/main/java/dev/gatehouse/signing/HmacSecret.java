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

/// A secret for HS256 that an operator gives, and that passed every check. It has no text form.
public final class HmacSecret {

  /// The length that a secret has at least, in bytes.
  public static final int MIN_BYTES = 32;

  private static final int MAX_BYTES = 1024;
  // 32 random hexadecimal digits have fewer different ones less than once in 10^7 times.
  private static final int MIN_DISTINCT_BYTES = 8;
  private static final String PUBLISHED_SECRETS_FILE = "published-secrets.txt";
  private static final int PUBLISHED_HASH_BYTES = 8;
  private static final int KEY_ID_BYTES = 16;

  static final String KEY_ID_PREFIX = "hs_";

  private final byte[] secret;

  private HmacSecret(byte[] secret) {
    this.secret = secret;
  }

  /// The secret whose UTF-8 bytes are the key, as they stand: nothing is decoded. Throws
  /// [IllegalArgumentException] that says what is wrong with it, but not what it is.
  public static HmacSecret of(String text) {
    byte[] secret = text.getBytes(StandardCharsets.UTF_8);
    // RFC 7518 §3.2: a key has at least the length of the hash, 256 bits.
    if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an HS256 secret has " + MIN_BYTES + " to " + MAX_BYTES + " bytes: make a random one");
    }
    if (isMonotonous(secret) || repeats(secret)) {
      throw new IllegalArgumentException(
          "the HS256 secret is no random text: it repeats itself, or counts");
    }
    if (published().contains(publishedHash(secret))) {
      throw new IllegalArgumentException(
          "the HS256 secret is known to everybody: it stands in a published list of such secrets");
    }
    return new HmacSecret(secret);
  }

  /// The secret as a key. Its id is the same on every node, and tells nobody what the secret is who
  /// could not find that out from a token as well.
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

  // Few different bytes, or few different steps from one byte to the next, as in an alphabet.
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

  // One shorter text, again and again.
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

  // Read anew each time: a gate asks for a few secrets, at its start.
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
