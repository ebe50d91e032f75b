package dev.gatehouse.store;

import dev.gatehouse.account.AccountStore;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.oauth.DeniedTokenStore;
import dev.gatehouse.oauth.InvitationStore;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.revocation.RevocationFeed;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.testkit.Stores;
import dev.gatehouse.usage.UsageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The stores of one SQLite file.
record SqliteStores(SqlDatabase database, SqlReplayStore used) implements Stores {

  // A test on a busy machine may wait longer than a caller should.
  static final SqlSettings PATIENT = SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));

  static final String DATABASE = "gatehouse.db";
  private static final String USES = "uses.db";

  /// Empty databases, made once: to copy them is quicker than to make the tables for each test.
  private static final Map<String, byte[]> MADE = make();

  private static Map<String, byte[]> make() {
    try {
      Path folder = Files.createTempDirectory("made");
      openFiles(folder, Clock.systemUTC()).close();
      Map<String, byte[]> made = new HashMap<>();
      for (String name : List.of(DATABASE, USES)) {
        made.put(name, Files.readAllBytes(folder.resolve(name)));
        Files.delete(folder.resolve(name));
      }
      // Fails when a closed database left more than its one file.
      Files.delete(folder);
      return made;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// New and empty where the folder has none.
  static SqliteStores open(Path folder, Clock clock) {
    prepare(folder);
    return openFiles(folder, clock);
  }

  /// Puts the files of empty databases into that folder, where it has none.
  static void prepare(Path folder) {
    try {
      for (Map.Entry<String, byte[]> made : MADE.entrySet()) {
        Path file = folder.resolve(made.getKey());
        if (!Files.exists(file)) {
          Files.write(file, made.getValue());
        }
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static SqliteStores openFiles(Path folder, Clock clock) {
    return of(SqlDatabase.open(folder.resolve(DATABASE), PATIENT, clock), folder, clock);
  }

  /// The stores of that database, and the uses of signatures in that folder.
  static SqliteStores of(SqlDatabase database, Path folder, Clock clock) {
    return new SqliteStores(
        database,
        SqlReplayStore.open(
            folder.resolve(USES),
            PATIENT,
            clock,
            new ReplayStore.Limits(MAX_USES, MAX_USES_PER_HOLDER)));
  }

  @Override
  public AccountStore accounts() {
    return database.accounts();
  }

  @Override
  public ApiKeyStore apiKeys() {
    return database.apiKeys();
  }

  @Override
  public PasswordStore passwords() {
    return database.passwords();
  }

  @Override
  public SessionStore sessions() {
    return database.sessions();
  }

  @Override
  public TokenStore tokens() {
    return database.tokens();
  }

  @Override
  public RevocationFeed feed() {
    return database.feed();
  }

  @Override
  public SigningKeyStore signingKeys() {
    return database.signingKeys();
  }

  @Override
  public SignatureKeyStore signatureKeys() {
    return database.signatureKeys();
  }

  @Override
  public ReplayStore replayStore() {
    return used;
  }

  @Override
  public ClientCertificateStore clientCertificates() {
    return database.clientCertificates();
  }

  @Override
  public UsageStore usage() {
    return database.usage();
  }

  @Override
  public LinkStore links() {
    return database.links();
  }

  @Override
  public DeniedTokenStore deniedTokens() {
    return database.deniedTokens();
  }

  @Override
  public InvitationStore invitations() {
    return database.invitations();
  }

  @Override
  public void close() {
    used.close();
    database.close();
  }
}
