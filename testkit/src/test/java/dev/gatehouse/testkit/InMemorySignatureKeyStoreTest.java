package dev.gatehouse.testkit;

import java.time.Clock;

class InMemorySignatureKeyStoreTest extends SignatureKeyStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
