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

/// One set of stores that share their transactions: what a contract suite runs against.
public interface Stores extends AutoCloseable {

  /// How many uses of signatures find room.
  int MAX_USES = 100;

  /// How many of one holder.
  int MAX_USES_PER_HOLDER = 30;

  AccountStore accounts();

  ApiKeyStore apiKeys();

  PasswordStore passwords();

  SessionStore sessions();

  TokenStore tokens();

  RevocationFeed feed();

  SigningKeyStore signingKeys();

  SignatureKeyStore signatureKeys();

  /// With room for [#MAX_USES] uses, and [#MAX_USES_PER_HOLDER] of one holder.
  ReplayStore replayStore();

  ClientCertificateStore clientCertificates();

  UsageStore usage();

  LinkStore links();

  InvitationStore invitations();

  DeniedTokenStore deniedTokens();

  @Override
  void close();
}
