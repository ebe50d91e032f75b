package dev.gatehouse.testkit;

import dev.gatehouse.account.AccountStore;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.revocation.RevocationFeed;
import dev.gatehouse.signing.SigningKeyStore;

/// One set of stores that share their transactions: what a contract suite runs against.
public interface Stores extends AutoCloseable {

  AccountStore accounts();

  ApiKeyStore apiKeys();

  RevocationFeed feed();

  SigningKeyStore signingKeys();

  @Override
  void close();
}
