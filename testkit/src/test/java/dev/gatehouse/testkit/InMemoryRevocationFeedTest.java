package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryRevocationFeedTest extends RevocationFeedContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
