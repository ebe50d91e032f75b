package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryReplayStoreTest extends ReplayStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
