package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryPasswordStoreTest extends PasswordStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
