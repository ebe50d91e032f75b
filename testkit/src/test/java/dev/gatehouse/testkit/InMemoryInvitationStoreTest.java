package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryInvitationStoreTest extends InvitationStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
