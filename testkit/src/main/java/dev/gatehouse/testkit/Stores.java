package dev.gatehouse.testkit;

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
import dev.gatehouse.usage.UsageStore;

/// A set of stores that share their transactions and one revocation feed. A contract suite tests
/// it. Each method returns the same store each time.
public interface Stores extends AutoCloseable {

  /// The capacity of the record of uses.
  int MAX_USES = 100;

  /// The share of one holder in the record of uses.
  int MAX_USES_PER_HOLDER = 30;

  AccountStore accounts();

  ApiKeyStore apiKeys();

  PasswordStore passwords();

  SessionStore sessions();

  TokenStore tokens();

  RevocationFeed feed();

  SigningKeyStore signingKeys();

  SignatureKeyStore signatureKeys();

  /// The record of uses, with room for [#MAX_USES] uses in all and [#MAX_USES_PER_HOLDER] of one
  /// holder.
  ReplayStore replayStore();

  ClientCertificateStore clientCertificates();

  UsageStore usage();

  LinkStore links();

  InvitationStore invitations();

  DeniedTokenStore deniedTokens();

  /// Closes all stores, and releases what they hold.
  @Override
  void close();
}
