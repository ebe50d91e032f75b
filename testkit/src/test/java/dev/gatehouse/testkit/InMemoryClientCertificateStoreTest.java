package dev.gatehouse.testkit;

import java.time.Clock;

class InMemoryClientCertificateStoreTest extends ClientCertificateStoreContract {

  @Override
  protected Stores open(Clock feedClock) {
    return InMemoryStores.open(feedClock);
  }
}
