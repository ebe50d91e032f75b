package dev.gatehouse.password;

import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A stored hash, parsed into its parts. All parameters are bounded, so that no stored cost stalls
/// the gate.
///
/// Verifying takes long: call it on the hashing threads only.
sealed interface StoredHash permits StoredHash.Own, BcryptHash, Argon2Hash, Pbkdf2Hash {

  /// The prefix of hashes that the gate made itself. Their input is a digest of the password.
  String OWN_PREFIX = "{gatehouse-1}";

  /// Whether these bytes are the password.
  boolean matches(byte[] password);

  /// Returns how many bytes of a password the hash depends on; further bytes are ignored.
  default int maxBytes() {
    return Integer.MAX_VALUE;
  }

  /// Whether a new hash with these settings would be made the same way.
  boolean isMadeBy(PasswordSettings settings);

  /// Parses the stored text. Throws [IllegalArgumentException] with a message that says why it is
  /// not supported, and that quotes nothing of it.
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

  /// A hash that the gate made itself, of any scheme. The digest has 44 characters, so bcrypt's
  /// limit of 72 bytes cuts nothing, and it contains no NUL.
  record Own(StoredHash slow) implements StoredHash {

    // Public and constant. It makes these digests different from every other SHA-256, so that
    // leaked digests of passwords cannot be tried here. Derived as SHA-256("gatehouse password 1").
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

    /// Returns the input of the slow hash for that password.
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

    /// Returns the stored text of a new hash of the password.
    static String of(byte[] password, PasswordSettings settings) {
      return OWN_PREFIX
          + switch (settings.scheme()) {
            case BCRYPT -> BcryptHash.of(digest(password), settings.bcryptCost());
            case ARGON2ID -> Argon2Hash.of(digest(password), settings);
          };
    }

    /// Returns a hash that costs as much as a new one and that no password has.
    static StoredHash dummy(PasswordSettings settings) {
      return new Own(
          switch (settings.scheme()) {
            case BCRYPT -> BcryptHash.dummy(settings.bcryptCost());
            case ARGON2ID -> Argon2Hash.dummy(settings);
          });
    }
  }

  /// Returns the number with these digits; empty if it is not within the bounds, or has a leading
  /// zero.
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
