package dev.gatehouse.password;

import dev.gatehouse.secret.RandomIds;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// An Argon2 hash (RFC 9106) in the form of its reference implementation:
/// `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>`, in Base64 without padding.
/// Immutable.
final class Argon2Hash implements StoredHash {

  /// The most memory of one hash, in KiB.
  static final int MAX_MEMORY_KIB = 256 * 1_024;

  /// The most lanes of one hash.
  static final int MAX_PARALLELISM = 16;

  /// The most work of one hash: memory in KiB times passes.
  static final int MAX_KIB_PASSES = 1_024 * 1_024;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2(id|i)(?:\\$v=(16|19))?\\$m=([0-9]+),t=([0-9]+),p=([0-9]+)"
              + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

  private final int type;
  private final int version;
  private final int memoryKib;
  private final int iterations;
  private final int lanes;
  private final byte[] salt;
  private final byte[] hash;

  private Argon2Hash(
      int type, int version, int memoryKib, int iterations, int lanes, byte[] salt, byte[] hash) {
    this.type = type;
    this.version = version;
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    this.lanes = lanes;
    this.salt = salt;
    this.hash = hash;
  }

  /// Parses the text; empty if it is not an Argon2 hash. Throws [IllegalArgumentException] for an
  /// Argon2 hash that is not supported.
  static Optional<StoredHash> parse(String stored) {
    if (!stored.startsWith("$argon2")) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(stored);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "the Argon2 hash has not the form $argon2id$v=19$m=…,t=…,p=…$salt$hash");
    }
    int lanes = part("p", form.group(5), 1, MAX_PARALLELISM);
    // RFC 9106 §3.1: at least 8 KiB for each lane.
    int memoryKib = part("m", form.group(3), 8 * lanes, MAX_MEMORY_KIB);
    int iterations = part("t", form.group(4), 1, MAX_KIB_PASSES / memoryKib);
    return Optional.of(
        new Argon2Hash(
            form.group(1).equals("id") ? Argon2Parameters.ARGON2_id : Argon2Parameters.ARGON2_i,
            // The first version did not name itself.
            "19".equals(form.group(2))
                ? Argon2Parameters.ARGON2_VERSION_13
                : Argon2Parameters.ARGON2_VERSION_10,
            memoryKib,
            iterations,
            lanes,
            base64(form.group(6)),
            base64(form.group(7))));
  }

  private static int part(String name, String digits, int min, int max) {
    return StoredHash.number(digits, min, max)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Argon2's " + name + " is " + min + " to " + max + " here"));
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException broken) {
      throw new IllegalArgumentException("the Argon2 hash is cut off", broken);
    }
  }

  /// Returns the text of a new hash.
  static String of(byte[] password, PasswordSettings settings) {
    Argon2Hash made = with(settings, new byte[HASH_BYTES]);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + made.memoryKib
        + ",t="
        + made.iterations
        + ",p="
        + made.lanes
        + "$"
        + base64.encodeToString(made.salt)
        + "$"
        + base64.encodeToString(made.compute(password));
  }

  /// Returns a hash that no known password has.
  static Argon2Hash dummy(PasswordSettings settings) {
    return with(settings, RandomIds.bytes(HASH_BYTES));
  }

  private static Argon2Hash with(PasswordSettings settings, byte[] hash) {
    return new Argon2Hash(
        Argon2Parameters.ARGON2_id,
        Argon2Parameters.ARGON2_VERSION_13,
        settings.argon2MemoryKib(),
        settings.argon2Iterations(),
        settings.argon2Parallelism(),
        RandomIds.bytes(SALT_BYTES),
        hash);
  }

  @Override
  public boolean matches(byte[] password) {
    return MessageDigest.isEqual(compute(password), hash);
  }

  @Override
  public boolean isMadeBy(PasswordSettings settings) {
    return settings.scheme() == PasswordSettings.Scheme.ARGON2ID
        && type == Argon2Parameters.ARGON2_id
        && version == Argon2Parameters.ARGON2_VERSION_13
        && memoryKib == settings.argon2MemoryKib()
        && iterations == settings.argon2Iterations()
        && lanes == settings.argon2Parallelism();
  }

  private byte[] compute(byte[] password) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(type)
            .withVersion(version)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] computed = new byte[hash.length];
    generator.generateBytes(password, computed);
    return computed;
  }

  @Override
  public String toString() {
    return "Argon2Hash[m=" + memoryKib + ",t=" + iterations + ",p=" + lanes + "]";
  }
}
