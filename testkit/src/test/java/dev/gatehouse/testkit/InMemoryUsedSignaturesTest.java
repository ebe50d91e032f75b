package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryUsedSignaturesTest extends UsedSignaturesContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
