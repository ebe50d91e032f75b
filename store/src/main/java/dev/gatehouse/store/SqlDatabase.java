package dev.gatehouse.store;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/// The SQL database and its stores. The database is an SQLite file.
///
/// **Threads.** The database and its stores are thread-safe. Separate platform threads do the work.
/// Each method of a store blocks its caller until the work is done, but not longer than the time
/// limit of the settings. A virtual thread that waits does not pin its carrier.
///
/// **Unavailable.** Each method of a store throws [dev.gatehouse.StoreUnavailableException] if the
/// time limit passes, if too many callers wait, if the disk fails, or if the database is closed.
/// For a change, the message says either that nothing changed or that the outcome is unknown. The
/// outcome is unknown if the caller stopped waiting while its change was being committed. The
/// change may then be in force, and the listeners of the feed get its rows.
///
/// **Refused.** A method throws [IllegalArgumentException], and changes nothing, if a change
/// violates a constraint of a table and the port has no other result for that. Examples are an id
/// or a digest that is taken, and an owner without an account.
///
/// **Durability.** When a method that changes something returns, the change is on the disk, and
/// every listener of the revocation feed has got its rows.
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

  /// Opens this SQLite file with the default settings and the system's clock: see the other method.
  public static SqlDatabase open(Path file) {
    return open(file, SqlSettings.DEFAULTS, Clock.systemUTC());
  }

  /// Opens this SQLite file. Creates it if it does not exist, with access for its owner only; the
  /// folder must exist. Brings the tables of an older version up to date, which may take long.
  /// Throws [UnusableDatabaseException] if the file cannot be used.
  ///
  /// @param clock the clock for the times of feed rows
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

  /// The token families.
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

  /// The keys that sign requests and webhooks.
  public SqlSignatureKeyStore signatureKeys() {
    return signatureKeys;
  }

  /// The client certificates, and the gate's own CAs.
  public SqlClientCertificateStore clientCertificates() {
    return clientCertificates;
  }

  /// The counts of method uses.
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

  /// Runs a small query, to check that the database works. Blocks for at most one second. Throws
  /// [dev.gatehouse.StoreUnavailableException] if the query fails.
  public void ping() {
    threads.read(
        "answer", handle -> handle.createQuery(PING).mapTo(Long.class).one(), PING_TIMEOUT);
  }

  /// Closes the database. New calls fail, and accepted work is finished. Blocks until the file is
  /// closed, but not longer than 30 seconds. A second call does no harm.
  @Override
  public void close() {
    threads.close();
  }
}
