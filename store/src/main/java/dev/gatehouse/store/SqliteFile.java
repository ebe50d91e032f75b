package dev.gatehouse.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// The file of an SQLite database. Creates it, migrates its tables, and opens connections to it.
final class SqliteFile {

  /// What a file holds, and how durable a commit is.
  enum Kind {
    /// Records that cannot be made again. A commit is on the disk when it is acknowledged.
    RECORDS("migration", SQLiteConfig.SynchronousMode.FULL),
    /// The record of uses, which matters for minutes. A commit survives the end of the process. A
    /// loss of power may lose the last commits
    /// (<https://sqlite.org/pragma.html#pragma_synchronous>).
    USES("uses", SQLiteConfig.SynchronousMode.NORMAL);

    private final String migrations;
    private final SQLiteConfig.SynchronousMode synchronous;

    Kind(String folder, SQLiteConfig.SynchronousMode synchronous) {
      // Not in Flyway's default folder, where a program that embeds this one may have other
      // migrations.
      this.migrations = "classpath:dev/gatehouse/store/" + folder;
      this.synchronous = synchronous;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);

  private static final String HISTORY_TABLE = "gatehouse_schema_history";

  private final Path file;
  private final Kind kind;
  private final Duration busyTimeout;

  private SqliteFile(Path file, Kind kind, Duration busyTimeout) {
    this.file = file;
    this.kind = kind;
    this.busyTimeout = busyTimeout;
  }

  /// Opens a file. Creates it if it does not exist, with access for its owner only, and migrates
  /// its tables. Throws [UnusableDatabaseException] if the file cannot be used.
  ///
  /// @param busyTimeout how long SQLite waits for a lock of another process
  /// @param clock the clock for the time at which tables of an older version are migrated
  static SqliteFile open(Path file, Kind kind, Duration busyTimeout, Clock clock) {
    create(file);
    SqliteFile opened = new SqliteFile(file, kind, busyTimeout);
    opened.migrate(clock);
    return opened;
  }

  /// Opens a connection for the thread that writes.
  Handle writer() throws SQLException {
    return handle(connect(false));
  }

  /// Opens a connection for a thread that reads. SQLite refuses every change on it.
  Handle reader() throws SQLException {
    return handle(connect(true));
  }

  private static Handle handle(Connection connection) {
    Handle handle = Jdbi.open(connection);
    // Exceptions must not contain the parameters of a statement, for example digests and sealed
    // keys.
    handle
        .getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
    handle.setStatementBuilder(new StatementCache());
    return handle;
  }

  /// The exception for a failure to use this file, with a message for operators.
  UnusableDatabaseException unusable(SQLException failure) {
    return unusable(file, failure);
  }

  /// Closes a handle, its connection and the cached statements. Does nothing for null.
  ///
  /// Connections are closed one after another. The last one writes the log into the database and
  /// removes the log (<https://sqlite.org/wal.html>). If two were closed at the same time, each
  /// could find that the other still uses the file, and the log would stay.
  synchronized void close(@Nullable Handle handle) {
    if (handle != null) {
      try {
        // The connection is closed first, which rolls back an open transaction. A handle would
        // throw.
        handle.getConnection().close();
        handle.close();
      } catch (SQLException | RuntimeException failed) {
        LOG.warn("A connection to the database did not close cleanly", failed);
      }
    }
  }

  private Connection connect(boolean queryOnly) throws SQLException {
    Connection connection = dataSource().getConnection();
    if (queryOnly) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA query_only = ON");
      } catch (SQLException failed) {
        connection.close();
        throw failed;
      }
    }
    return connection;
  }

  private DataSource dataSource() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    // In WAL mode only FULL syncs at every commit:
    // https://sqlite.org/pragma.html#pragma_synchronous
    config.setSynchronous(kind.synchronous);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
    // A write takes its lock when it begins. Otherwise it could fail later (SQLITE_BUSY_SNAPSHOT).
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setGetGeneratedKeys(false);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }

  private static void create(Path file) {
    if (Files.exists(file)) {
      if (!Files.isRegularFile(file)) {
        throw new UnusableDatabaseException(
            file + " is not a file: name a file for the database", null);
      }
      return;
    }
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        // SQLite gives -wal and -shm the permissions of the file that they belong to.
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } else {
        Files.createFile(file);
      }
    } catch (FileAlreadyExistsException madeMeanwhile) {
      // Another process has created it. The following checks decide whether it can be used.
    } catch (IOException failed) {
      throw new UnusableDatabaseException(
          "the database "
              + file
              + " can't be created: check that its folder exists and that this user may write to it",
          failed);
    }
  }

  // Refuses a database of another program. It runs before every other access, because even setting
  // the journal mode would change the file. Returns true if the file has tables.
  private boolean refuseForeign() throws SQLException {
    SQLiteDataSource untouched = new SQLiteDataSource();
    untouched.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    try (Connection connection = untouched.getConnection();
        Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery(
                "SELECT COUNT(*), COUNT(CASE WHEN name = '"
                    + HISTORY_TABLE
                    + "' THEN 1 END)"
                    + " FROM sqlite_master WHERE type = 'table'")) {
      boolean hasTables = tables.next() && tables.getInt(1) > 0;
      if (hasTables && tables.getInt(2) == 0) {
        throw foreign(null);
      }
      return hasTables;
    }
  }

  private UnusableDatabaseException foreign(@Nullable Exception cause) {
    return new UnusableDatabaseException(
        "the database "
            + file
            + " is an SQLite database, but not one of Gatehouse: name another file",
        cause);
  }

  private void migrate(Clock clock) {
    Instant takenOverAt;
    try {
      takenOverAt = refuseForeign() ? clock.instant() : Instant.EPOCH;
    } catch (SQLException failed) {
      throw unusable(failed);
    }
    // This connection stays open during the migrations. Otherwise SQLite would remove its log after
    // each of Flyway's steps.
    try (Connection connection = connect(false);
        Statement statement = connection.createStatement();
        ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
      if (!mode.next() || !"wal".equalsIgnoreCase(mode.getString(1))) {
        throw new UnusableDatabaseException(
            "the database "
                + file
                + " can't keep a write-ahead log: put it on a local disk, not on a network share",
            null);
      }
      runMigrations(takenOverAt);
    } catch (SQLException failed) {
      throw unusable(failed);
    }
  }

  private void runMigrations(Instant takenOverAt) {
    Flyway flyway = migrations(dataSource(), kind, takenOverAt).load();
    try {
      refuseNewer(flyway.info().all());
      flyway.migrate();
    } catch (FlywayValidateException altered) {
      throw new UnusableDatabaseException(
          "the database "
              + file
              + " was made by a different build of Gatehouse: start the build that made it, or"
              + " restore a backup",
          altered);
    } catch (FlywayException failed) {
      SQLException sql = SqlFailures.sql(failed);
      if (sql != null) {
        throw unusable(sql);
      }
      throw foreign(failed);
    }
  }

  /// The configuration of Flyway, which creates and migrates the tables.
  ///
  /// @param takenOverAt the time at which the tables of an older version are migrated; for a new
  ///   file, the beginning of 1970
  static FluentConfiguration migrations(DataSource database, Kind kind, Instant takenOverAt) {
    return Flyway.configure(SqliteFile.class.getClassLoader())
        .dataSource(database)
        .loggers("slf4j")
        .locations(kind.migrations)
        .failOnMissingLocations(true)
        .table(HISTORY_TABLE)
        .placeholders(
            Map.of(
                "growing",
                "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
                "clustered",
                "WITHOUT ROWID",
                "takenOverAt",
                Long.toString(takenOverAt.toEpochMilli())));
  }

  private void refuseNewer(MigrationInfo[] migrations) {
    boolean newer =
        Arrays.stream(migrations)
            .map(MigrationInfo::getState)
            .anyMatch(
                state ->
                    state == MigrationState.FUTURE_SUCCESS
                        || state == MigrationState.FUTURE_FAILED);
    if (newer) {
      throw new UnusableDatabaseException(
          "the database "
              + file
              + " belongs to a newer Gatehouse: start that version, or restore the backup from"
              + " before the upgrade",
          null);
    }
  }

  private static UnusableDatabaseException unusable(Path file, SQLException failure) {
    String problem =
        switch (SqlFailures.code(failure)) {
          case SQLITE_NOTADB -> "is not an SQLite database: name another file, or restore a backup";
          case SQLITE_CORRUPT -> "is damaged: restore a backup";
          case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
              "can't be opened: check that this user may read and write it and its folder";
          case SQLITE_READONLY -> "is read-only: check that this user may write it and its folder";
          case SQLITE_BUSY, SQLITE_LOCKED ->
              "is in use by another program: end that program, then start again";
          case SQLITE_FULL -> "has no space left: free space on its disk";
          default -> "can't be used: " + SqlFailures.firstLine(failure);
        };
    return new UnusableDatabaseException("the database " + file + " " + problem, failure);
  }
}
