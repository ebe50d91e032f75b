package dev.gatehouse.store;

import dev.gatehouse.testkit.Stores;
import dev.gatehouse.testkit.UsageStoreContract;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

class SqlUsageStoreTest extends UsageStoreContract {

  @TempDir private Path folder;

  @Override
  protected Stores open(Clock feedClock) {
    return SqliteStores.open(folder, feedClock);
  }
}
