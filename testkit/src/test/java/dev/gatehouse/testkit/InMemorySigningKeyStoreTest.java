package dev.gatehouse.testkit;

import java.time.Clock;

class InMemorySigningKeyStoreTest extends SigningKeyStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
