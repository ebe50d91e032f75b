package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryTokenStoreTest extends TokenStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
