package dev.gatehouse.store;

import dev.gatehouse.testkit.InvitationStoreContract;
import dev.gatehouse.testkit.Stores;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.io.TempDir;

class SqlInvitationStoreTest extends InvitationStoreContract {

  @TempDir private Path folder;

  @Override
  protected Stores open(Clock feedClock) {
    return SqliteStores.open(folder, feedClock);
  }
}
