package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryApiKeyStoreTest extends ApiKeyStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
