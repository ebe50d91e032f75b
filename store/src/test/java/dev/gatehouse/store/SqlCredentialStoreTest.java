package dev.gatehouse.store;

import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.testkit.CredentialStoreContract;
import dev.gatehouse.testkit.Stores;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/// The lifecycle in SQL, of a kind of credential that only this test has: a new kind needs nothing
/// but a table, and how its columns are written and read.
class SqlCredentialStoreTest extends CredentialStoreContract<SqlCredentialStoreTest.Badge> {

  record Badge(String number) {}

  private static final CredentialKind<Badge> KIND =
      new CredentialKind<>() {
        @Override
        public String idPrefix() {
          return "b_";
        }

        @Override
        public String noun() {
          return "badge";
        }
      };

  private static final class SqlBadgeStore extends SqlCredentialStore<Badge> {

    SqlBadgeStore(SqliteThreads threads) {
      super(threads, KIND, CredentialTable.of("badge", "number"));
    }

    @Override
    List<@Nullable Object> columns(IssuedCredential<Badge> badge) {
      return List.of(badge.material().number());
    }

    @Override
    Badge material(ResultSet row, int first) throws SQLException {
      return new Badge(row.getString(first));
    }
  }

  @TempDir private Path folder;
  private @Nullable CredentialStore<Badge> badges;

  @Override
  protected Stores open(Clock feedClock) {
    SqliteStores.prepare(folder);
    SqliteFile file =
        SqliteFile.open(
            folder.resolve(SqliteStores.DATABASE),
            SqliteFile.Kind.RECORDS,
            SqliteStores.PATIENT.timeout(),
            feedClock);
    SqliteThreads threads = SqliteThreads.start(file, SqliteStores.PATIENT, feedClock);
    threads.write(
        "add the table of a new kind",
        change ->
            change
                .handle()
                .execute(
                    "CREATE TABLE badge (id TEXT NOT NULL PRIMARY KEY REFERENCES credential (id)"
                        + " ON DELETE CASCADE, number TEXT NOT NULL)"));
    badges = new SqlBadgeStore(threads);
    return SqliteStores.of(new SqlDatabase(threads), folder, feedClock);
  }

  @Override
  protected CredentialStore<Badge> store() {
    return Objects.requireNonNull(badges);
  }

  @Override
  protected Badge material(String name) {
    return new Badge("number of " + name);
  }
}
