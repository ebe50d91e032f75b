package dev.gatehouse.store;

import dev.gatehouse.testkit.DeniedTokenStoreContract;
import dev.gatehouse.testkit.Stores;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

class SqlDeniedTokenStoreTest extends DeniedTokenStoreContract {

  @TempDir private Path folder;

  @Override
  protected Stores open(Clock feedClock) {
    return SqliteStores.open(folder, feedClock);
  }
}
