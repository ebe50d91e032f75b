package dev.gatehouse.testkit;

import java.time.Clock;

class InMemorySessionStoreTest extends SessionStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
