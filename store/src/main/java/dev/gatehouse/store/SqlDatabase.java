package dev.gatehouse.store;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/// The SQL database, and the stores in it. Thread-safe.
///
/// Now it is an SQLite file. Its work is done on threads of its own, so that callers on virtual
/// threads only wait; they wait at most for the time limit of the settings.
///
/// The stores throw [dev.gatehouse.StoreUnavailableException] when the limit passes, too many wait,
/// the disk fails or the database is closed. The message of a failed change says whether nothing
/// changed or the outcome is unknown: a caller who gives up, or is interrupted, while its change is
/// being committed can't tell. The change may then stand, and its listeners hear it. They throw
/// [IllegalArgumentException], and nothing changed, for a change that breaks a constraint (an id or
/// digest that is taken, an owner without an account) for which the port has no answer.
public final class SqlDatabase implements AutoCloseable {

  private static final Duration PING_TIMEOUT = Duration.ofSeconds(1);
  private static final String PING =
      "SELECT COUNT(*) FROM (SELECT id FROM account LIMIT 1) AS any_account";

  private final SqliteThreads threads;
  private final SqlAccountStore accounts;
  private final SqlApiKeyStore apiKeys;
  private final SqlPasswordStore passwords;
  private final SqlSessionStore sessions;
  private final SqlTokenStore tokens;
  private final SqlRevocationFeed feed;
  private final SqlSigningKeyStore signingKeys;
  private final SqlSignatureKeyStore signatureKeys;
  private final SqlClientCertificateStore clientCertificates;
  private final SqlUsageStore usage;
  private final SqlLinkStore links;
  private final SqlInvitationStore invitations;
  private final SqlDeniedTokenStore deniedTokens;

  SqlDatabase(SqliteThreads threads) {
    this.threads = threads;
    this.accounts = new SqlAccountStore(threads);
    this.apiKeys = new SqlApiKeyStore(threads);
    this.passwords = new SqlPasswordStore(threads);
    this.sessions = new SqlSessionStore(threads);
    this.tokens = new SqlTokenStore(threads);
    this.feed = new SqlRevocationFeed(threads);
    this.signingKeys = new SqlSigningKeyStore(threads);
    this.signatureKeys = new SqlSignatureKeyStore(threads);
    this.clientCertificates = new SqlClientCertificateStore(threads);
    this.usage = new SqlUsageStore(threads);
    this.links = new SqlLinkStore(threads);
    this.invitations = new SqlInvitationStore(threads);
    this.deniedTokens = new SqlDeniedTokenStore(threads);
  }

  /// Opens that SQLite file with the usual settings; makes it, for its owner alone, if there is
  /// none. Its folder must exist. Throws [UnusableDatabaseException].
  public static SqlDatabase open(Path file) {
    return open(file, SqlSettings.DEFAULTS, Clock.systemUTC());
  }

  /// Opens that SQLite file; makes it, for its owner alone, if there is none. Its folder must
  /// exist. Feed rows carry the time of the clock. Throws [UnusableDatabaseException].
  public static SqlDatabase open(Path file, SqlSettings settings, Clock clock) {
    SqliteFile opened = SqliteFile.open(file, SqliteFile.Kind.RECORDS, settings.timeout(), clock);
    return new SqlDatabase(SqliteThreads.start(opened, settings, clock));
  }

  /// The accounts.
  public SqlAccountStore accounts() {
    return accounts;
  }

  /// The API keys.
  public SqlApiKeyStore apiKeys() {
    return apiKeys;
  }

  /// The passwords.
  public SqlPasswordStore passwords() {
    return passwords;
  }

  /// The sessions.
  public SqlSessionStore sessions() {
    return sessions;
  }

  /// The families of tokens.
  public SqlTokenStore tokens() {
    return tokens;
  }

  /// The revocation feed.
  public SqlRevocationFeed feed() {
    return feed;
  }

  /// The signing keys.
  public SqlSigningKeyStore signingKeys() {
    return signingKeys;
  }

  /// The keys that requests and webhooks are signed with.
  public SqlSignatureKeyStore signatureKeys() {
    return signatureKeys;
  }

  /// The client certificates, and the gate's own CAs.
  public SqlClientCertificateStore clientCertificates() {
    return clientCertificates;
  }

  /// How often methods were used.
  public SqlUsageStore usage() {
    return usage;
  }

  /// The links to identities at providers.
  public SqlLinkStore links() {
    return links;
  }

  /// The invitations.
  public SqlInvitationStore invitations() {
    return invitations;
  }

  /// The denials of foreign tokens.
  public SqlDeniedTokenStore deniedTokens() {
    return deniedTokens;
  }

  /// Reads something, within a second; throws [dev.gatehouse.StoreUnavailableException] when that
  /// fails.
  public void ping() {
    threads.read(
        "answer", handle -> handle.createQuery(PING).mapTo(Long.class).one(), PING_TIMEOUT);
  }

  /// Turns callers away, finishes what was accepted, and lets go of the file. Waits for that, but
  /// no longer than half a minute.
  @Override
  public void close() {
    threads.close();
  }
}
