package dev.gatehouse.password;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// An imported PBKDF2 hash (RFC 8018 §5.2) with HMAC-SHA-256: passlib's
/// `$pbkdf2-sha256$<rounds>$<salt>$<hash>`, the PHC string format's
/// `$pbkdf2-sha256$i=<rounds>,l=<bytes>$<salt>$<hash>`, or Django's
/// `pbkdf2_sha256$<rounds>$<salt>$<hash>`. New hashes are never made in this form.
final class Pbkdf2Hash implements StoredHash {

  private static final int MAX_ITERATIONS = 5_000_000;

  // passlib's Base64 has a dot instead of a plus, and no padding. Django's salt is the text itself.
  private static final Pattern PASSLIB =
      Pattern.compile("\\$pbkdf2-sha256\\$([0-9]+)\\$([A-Za-z0-9./]{2,86})\\$([A-Za-z0-9./]{43})");
  private static final Pattern PHC =
      Pattern.compile(
          "\\$pbkdf2-sha256\\$i=([0-9]+)(?:,l=([0-9]+))?"
              + "\\$([A-Za-z0-9+/]{2,86})\\$([A-Za-z0-9+/]{22,86})");
  private static final Pattern DJANGO =
      Pattern.compile("pbkdf2_sha256\\$([0-9]+)\\$([!-#%-~]{1,128})\\$([A-Za-z0-9+/]{43}=)");

  private final int iterations;
  private final byte[] salt;
  private final byte[] hash;

  private Pbkdf2Hash(int iterations, byte[] salt, byte[] hash) {
    this.iterations = iterations;
    this.salt = salt;
    this.hash = hash;
  }

  /// Parses the text; empty if it is not a PBKDF2 hash. Throws [IllegalArgumentException] for a
  /// PBKDF2 hash that is not supported.
  static Optional<StoredHash> parse(String stored) {
    Matcher passlib = PASSLIB.matcher(stored);
    if (passlib.matches()) {
      return Optional.of(
          new Pbkdf2Hash(
              iterations(passlib.group(1)),
              base64(passlib.group(2).replace('.', '+')),
              base64(passlib.group(3).replace('.', '+'))));
    }
    Matcher phc = PHC.matcher(stored);
    if (phc.matches()) {
      byte[] hash = base64(phc.group(4));
      if (phc.group(2) != null && !phc.group(2).equals(Integer.toString(hash.length))) {
        throw new IllegalArgumentException("the PBKDF2 hash is not as long as its l says");
      }
      return Optional.of(new Pbkdf2Hash(iterations(phc.group(1)), base64(phc.group(3)), hash));
    }
    Matcher django = DJANGO.matcher(stored);
    if (django.matches()) {
      return Optional.of(
          new Pbkdf2Hash(
              iterations(django.group(1)),
              django.group(2).getBytes(StandardCharsets.US_ASCII),
              base64(django.group(3))));
    }
    if (stored.startsWith("$pbkdf2-sha256$") || stored.startsWith("pbkdf2_sha256$")) {
      throw new IllegalArgumentException(
          "the PBKDF2 hash has none of the forms $pbkdf2-sha256$<rounds>$<salt>$<hash>,"
              + " $pbkdf2-sha256$i=<rounds>,l=<bytes>$<salt>$<hash> and"
              + " pbkdf2_sha256$<rounds>$<salt>$<hash>");
    }
    return Optional.empty();
  }

  private static int iterations(String digits) {
    return StoredHash.number(digits, 1, MAX_ITERATIONS)
        .orElseThrow(
            () ->
                new IllegalArgumentException("PBKDF2 has 1 to " + MAX_ITERATIONS + " rounds here"));
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException broken) {
      throw new IllegalArgumentException("the PBKDF2 hash is cut off", broken);
    }
  }

  @Override
  public boolean matches(byte[] password) {
    try {
      // The platform's PBKDF2 encodes characters as UTF-8, so bytes that came from UTF-8 are
      // restored exactly.
      char[] text = new String(password, StandardCharsets.UTF_8).toCharArray();
      byte[] computed =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(text, salt, iterations, hash.length * 8))
              .getEncoded();
      return MessageDigest.isEqual(computed, hash);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(
          "this Java platform has no PBKDF2 with HMAC-SHA-256", missing);
    }
  }

  @Override
  public boolean isMadeBy(PasswordSettings settings) {
    return false;
  }

  @Override
  public String toString() {
    return "Pbkdf2Hash[" + iterations + "]";
  }
}
