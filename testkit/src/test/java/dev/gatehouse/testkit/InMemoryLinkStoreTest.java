package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryLinkStoreTest extends LinkStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
