package dev.gatehouse.store;

import dev.gatehouse.account.AccountStore;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.hmac.UsedSignatures;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.oauth.DeniedTokenStore;
import dev.gatehouse.oauth.InvitationStore;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.revocation.RevocationFeed;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.testkit.Stores;
import dev.gatehouse.usage.UsageStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/// The stores of one SQLite file.
record SqliteStores(SqlDatabase database, SqlUsedSignatures used) implements Stores {

  static SqliteStores open(Path folder, Clock clock) {
    // A test on a busy machine may wait longer than a caller should.
    SqlSettings patient = SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
    return new SqliteStores(
        SqlDatabase.open(folder.resolve("gatehouse.db"), patient, clock),
        SqlUsedSignatures.open(
            folder.resolve("uses.db"),
            patient,
            clock,
            new UsedSignatures.Limits(MAX_USES, MAX_USES_PER_HOLDER)));
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
  public UsedSignatures usedSignatures() {
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
