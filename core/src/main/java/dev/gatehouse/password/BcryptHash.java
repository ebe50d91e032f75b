package dev.gatehouse.password;

import dev.gatehouse.secret.RandomIds;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/// A bcrypt hash: `$2b$<cost>$<salt, 22><hash, 31>`. It depends on the first 72 bytes of a
/// password.
///
/// `$2a$` and `$2y$` are the same function under older names. `$2x$` marks hashes that an old bug
/// made weak: these are refused.
record BcryptHash(String text, int cost) implements StoredHash {

  // bcrypt uses 72 bytes, including the NUL after a shorter password. With 72 bytes of a longer
  // password, the rest would not matter.
  private static final int MAX_BYTES = 71;
  private static final int MIN_COST = 4;
  private static final int MAX_COST = 16;
  private static final int SALT_BYTES = 16;
  private static final int SALT_AND_HASH_CHARS = 53;
  private static final int SALT_END = 7 + 22;

  private static final String ALPHABET =
      "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final Pattern FORM =
      Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{" + SALT_AND_HASH_CHARS + "}");

  /// Parses the text; empty if it is not a bcrypt hash. Throws [IllegalArgumentException] for a
  /// bcrypt hash that is not supported.
  static Optional<StoredHash> parse(String stored) {
    if (!stored.startsWith("$2")) {
      return Optional.empty();
    }
    if (stored.startsWith("$2x$")) {
      throw new IllegalArgumentException(
          "$2x$ hashes are weak: passwords other than the right one pass");
    }
    Matcher form = FORM.matcher(stored);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "the bcrypt hash has not the form $2b$12$ and 53 characters");
    }
    int cost = Integer.parseInt(form.group(1));
    if (cost < MIN_COST || cost > MAX_COST) {
      throw new IllegalArgumentException("bcrypt's cost is " + MIN_COST + " to " + MAX_COST);
    }
    return Optional.of(new BcryptHash(canonical(stored), cost));
  }

  /// Returns the text of a new hash.
  static String of(byte[] password, int cost) {
    return OpenBSDBCrypt.generate("2b", password, RandomIds.bytes(SALT_BYTES), cost);
  }

  /// Returns a hash that no known password has.
  static BcryptHash dummy(int cost) {
    // Every character of base62 is in bcrypt's alphabet.
    return new BcryptHash(
        canonical("$2b$" + cost + "$" + RandomIds.text(SALT_AND_HASH_CHARS)), cost);
  }

  @Override
  public boolean matches(byte[] password) {
    return OpenBSDBCrypt.checkPassword(text, password);
  }

  @Override
  public int maxBytes() {
    return MAX_BYTES;
  }

  @Override
  public boolean isMadeBy(PasswordSettings settings) {
    return settings.scheme() == PasswordSettings.Scheme.BCRYPT && settings.bcryptCost() == cost;
  }

  // The last character of the salt holds 2 bits, and that of the hash 4. Some programs set the
  // unused bits, which mean nothing. The library compares texts, so they are cleared.
  private static String canonical(String stored) {
    return stored.substring(0, SALT_END - 1)
        + masked(stored.charAt(SALT_END - 1), 0x30)
        + stored.substring(SALT_END, stored.length() - 1)
        + masked(stored.charAt(stored.length() - 1), 0x3c);
  }

  private static char masked(char c, int mask) {
    return ALPHABET.charAt(ALPHABET.indexOf(c) & mask);
  }

  @Override
  public String toString() {
    return "BcryptHash[" + cost + "]";
  }
}
