package dev.gatehouse.password;

import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A hash as it is stored, read into its parts; what is read here is bounded, so that no stored
/// cost stalls the gate.
///
/// Verifying takes long: never call it but on the hashing threads.
sealed interface StoredHash permits StoredHash.Own, BcryptHash, Argon2Hash, Pbkdf2Hash {

  /// With this a hash begins that we made ourselves: the password that it takes is the digest of
  /// the one that was typed.
  String OWN_PREFIX = "{gatehouse-1}";

  /// Whether these bytes are the password.
  boolean matches(byte[] password);

  /// How many bytes of a password it depends on; those behind them are not looked at.
  default int maxBytes() {
    return Integer.MAX_VALUE;
  }

  /// Whether a new hash by these settings would be made the same way.
  boolean isMadeBy(PasswordSettings settings);

  /// Reads the stored text; throws [IllegalArgumentException] that says why it can't be used, and
  /// repeats nothing of it.
  static StoredHash parse(String stored) {
    if (stored.startsWith(OWN_PREFIX)) {
      return new Own(parseForeign(stored.substring(OWN_PREFIX.length())));
    }
    return parseForeign(stored);
  }

  private static StoredHash parseForeign(String stored) {
    return BcryptHash.parse(stored)
        .or(() -> Argon2Hash.parse(stored))
        .or(() -> Pbkdf2Hash.parse(stored))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the hash is neither bcrypt ($2a$ $2b$ $2y$), nor Argon2 ($argon2id$"
                        + " $argon2i$), nor PBKDF2 ($pbkdf2-sha256$, pbkdf2_sha256$)"));
  }

  /// A hash of our own, of whatever scheme: the digest has 44 characters, so bcrypt's 72 bytes cut
  /// nothing, and no NUL ends it.
  record Own(StoredHash slow) implements StoredHash {

    // Public, and the same for ever: it keeps these digests apart from every other SHA-256, so that
    // those found in somebody's leak can't be tried here. Made by: SHA-256("gatehouse password 1").
    private static final SecretKeySpec KEY =
        new SecretKeySpec(
            Digest.sha256("gatehouse password 1".getBytes(StandardCharsets.US_ASCII)).bytes(),
            "HmacSHA256");

    @Override
    public boolean matches(byte[] password) {
      return slow.matches(digest(password));
    }

    @Override
    public boolean isMadeBy(PasswordSettings settings) {
      return slow.isMadeBy(settings);
    }

    /// What the slow hash takes in the password's place.
    static byte[] digest(byte[] password) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(KEY);
        return Base64.getEncoder().encode(mac.doFinal(password));
      } catch (GeneralSecurityException impossible) {
        // javax.crypto.Mac: every Java platform has HmacSHA256; any key of 32 bytes fits it.
        throw new AssertionError(impossible);
      }
    }

    /// The stored text of a new hash of the password.
    static String of(byte[] password, PasswordSettings settings) {
      return OWN_PREFIX
          + switch (settings.scheme()) {
            case BCRYPT -> BcryptHash.of(digest(password), settings.bcryptCost());
            case ARGON2ID -> Argon2Hash.of(digest(password), settings);
          };
    }

    /// A hash that costs as much as today's, of no password at all.
    static StoredHash dummy(PasswordSettings settings) {
      return new Own(
          switch (settings.scheme()) {
            case BCRYPT -> BcryptHash.dummy(settings.bcryptCost());
            case ARGON2ID -> Argon2Hash.dummy(settings);
          });
    }
  }

  /// The number that these digits are; empty when they don't lie between those bounds.
  static Optional<Integer> number(String digits, int min, int max) {
    if (digits.isEmpty()
        || digits.length() > 9
        || (digits.length() > 1 && digits.startsWith("0"))) {
      return Optional.empty();
    }
    int number = Integer.parseInt(digits);
    return number < min || number > max ? Optional.empty() : Optional.of(number);
  }
}
