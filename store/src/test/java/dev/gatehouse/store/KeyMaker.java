package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.secret.Digest;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;

/// A process that creates, rotates and revokes API keys until it is killed, and writes a line for
/// each change once its store has acknowledged it. Its arguments: the database, and a prefix for
/// the ids of its keys.
final class KeyMaker {

  static final String OWNER = "owner";
  static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
  static final Instant REVOKED = Instant.parse("2026-01-02T00:00:00Z");
  static final Instant ENDS = Instant.parse("2026-01-03T00:00:00Z");

  private static final int WORKERS = 4;
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private KeyMaker() {}

  public static void main(String[] args) throws InterruptedException {
    say("started");
    SqlDatabase database =
        SqlDatabase.open(
            Path.of(args[0]),
            new SqlSettings(Duration.ofMinutes(1), 1, WORKERS),
            Clock.systemUTC());
    database
        .accounts()
        .add(
            new Account(
                OWNER,
                Account.Kind.SERVICE,
                OWNER,
                null,
                new TreeSet<>(),
                Scopes.NONE,
                false,
                CREATED,
                0,
                1));
    for (int i = 0; i < WORKERS; i++) {
      String prefix = args[1] + "-" + i + "-";
      Thread.ofPlatform().start(() -> makeKeys(database.apiKeys(), prefix));
    }
    Thread.currentThread().join();
  }

  private static void makeKeys(SqlApiKeyStore keys, String prefix) {
    for (int n = 0; ; n++) {
      String id = prefix + n;
      keys.add(key(id));
      say("created " + id);
      if (n % 3 != 0) {
        String successor = id + "s";
        require(keys.rotate(id, ENDS, key(successor)));
        say("rotated " + id + " " + successor);
      }
      if (n % 3 != 1) {
        require(keys.revoke(id, REVOKED));
        say("revoked " + id);
      }
    }
  }

  static void require(boolean done) {
    if (!done) {
      throw new IllegalStateException("a change that nobody else can have made was refused");
    }
  }

  private static IssuedCredential<StoredApiKey> key(String id) {
    return new IssuedCredential<>(
        id,
        OWNER,
        new CredentialTerms(id, Scopes.NONE, null, List.of(), null),
        new StoredApiKey(Digest.sha256(id.getBytes(StandardCharsets.UTF_8)), "sk_live_abcd"),
        CREATED);
  }

  /// Writes the line at once and in one piece.
  static void say(String line) {
    try {
      OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
