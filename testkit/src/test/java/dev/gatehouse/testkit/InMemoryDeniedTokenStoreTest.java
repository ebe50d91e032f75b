package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryDeniedTokenStoreTest extends DeniedTokenStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
