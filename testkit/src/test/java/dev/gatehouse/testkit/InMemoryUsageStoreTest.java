package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryUsageStoreTest extends UsageStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
