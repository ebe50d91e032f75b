package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryAccountStoreTest extends AccountStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
