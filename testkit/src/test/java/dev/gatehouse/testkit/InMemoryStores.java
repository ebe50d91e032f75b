package dev.gatehouse.testkit;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.hmac.InMemorySignatureKeyStore;
import dev.gatehouse.jwt.InMemoryTokenStore;
import dev.gatehouse.mtls.InMemoryClientCertificateStore;
import dev.gatehouse.oauth.InMemoryDeniedTokenStore;
import dev.gatehouse.oauth.InMemoryInvitationStore;
import dev.gatehouse.oauth.InMemoryLinkStore;
import dev.gatehouse.password.InMemoryPasswordStore;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.session.InMemorySessionStore;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.usage.InMemoryUsageStore;
import java.time.Clock;

record InMemoryStores(
    InMemoryAccountStore accounts,
    InMemoryApiKeyStore apiKeys,
    InMemoryPasswordStore passwords,
    InMemorySessionStore sessions,
    InMemoryTokenStore tokens,
    InMemoryRevocationFeed feed,
    InMemorySigningKeyStore signingKeys,
    InMemorySignatureKeyStore signatureKeys,
    InMemoryReplayStore replayStore,
    InMemoryClientCertificateStore clientCertificates,
    InMemoryUsageStore usage,
    InMemoryLinkStore links,
    InMemoryInvitationStore invitations,
    InMemoryDeniedTokenStore deniedTokens)
    implements Stores {

  static InMemoryStores open(Clock clock) {
    InMemoryRevocationFeed feed = new InMemoryRevocationFeed(clock);
    InMemoryAccountStore accounts = new InMemoryAccountStore(feed);
    InMemoryPasswordStore passwords = new InMemoryPasswordStore(accounts);
    InMemoryInvitationStore invitations = new InMemoryInvitationStore(feed);
    return new InMemoryStores(
        accounts,
        new InMemoryApiKeyStore(accounts),
        passwords,
        new InMemorySessionStore(accounts),
        new InMemoryTokenStore(accounts),
        feed,
        new InMemorySigningKeyStore(feed),
        new InMemorySignatureKeyStore(accounts),
        new InMemoryReplayStore(new ReplayStore.Limits(MAX_USES, MAX_USES_PER_HOLDER)),
        new InMemoryClientCertificateStore(accounts),
        new InMemoryUsageStore(),
        new InMemoryLinkStore(accounts, passwords, invitations),
        invitations,
        new InMemoryDeniedTokenStore(feed));
  }

  @Override
  public void close() {
    // Memory needs no closing.
  }
}
