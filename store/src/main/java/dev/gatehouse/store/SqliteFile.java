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

/// The file of an SQLite database: made, brought up to date, and connected to.
final class SqliteFile {

  /// What a file holds, and how surely.
  enum Kind {
    /// What nobody can issue again: a commit is on the disk when it is acknowledged.
    RECORDS("migration", SQLiteConfig.SynchronousMode.FULL),
    /// What is worth something for minutes: a commit outlives the process, and all but the last
    /// ones a loss of power (<https://sqlite.org/pragma.html#pragma_synchronous>).
    USES("uses", SQLiteConfig.SynchronousMode.NORMAL);

    private final String migrations;
    private final SQLiteConfig.SynchronousMode synchronous;

    Kind(String folder, SQLiteConfig.SynchronousMode synchronous) {
      // Beside the package, so that a program that embeds this one and has migrations of its own in
      // Flyway's usual place never mixes them up.
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

  /// Makes the file if there is none, readable and writable for its owner alone, and brings its
  /// tables up to date. Throws [UnusableDatabaseException].
  ///
  /// @param clock says when tables of an earlier version were taken over
  static SqliteFile open(Path file, Kind kind, Duration busyTimeout, Clock clock) {
    create(file);
    SqliteFile opened = new SqliteFile(file, kind, busyTimeout);
    opened.migrate(clock);
    return opened;
  }

  /// A handle for the one thread that writes.
  Handle writer() throws SQLException {
    return handle(connect(false));
  }

  /// A handle for a thread that reads: SQLite refuses every change through it.
  Handle reader() throws SQLException {
    return handle(connect(true));
  }

  private static Handle handle(Connection connection) {
    Handle handle = Jdbi.open(connection);
    // What is bound to a statement (digests, sealed keys) stays out of exceptions.
    handle
        .getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
    handle.setStatementBuilder(new StatementCache());
    return handle;
  }

  /// What a person is told about a failure to open this file.
  UnusableDatabaseException unusable(SQLException failure) {
    return unusable(file, failure);
  }

  /// Closes the handle, if there is one, and with its connection the statements that it kept.
  ///
  /// Connections close one after another. The last one writes the log into the database and removes
  /// it (<https://sqlite.org/wal.html>), and SQLite locks the file against all others for that. Of
  /// two that closed at once, each could find that the other one still uses the file, and the log
  /// would stay.
  synchronized void close(@Nullable Handle handle) {
    if (handle != null) {
      try {
        // The connection first: a handle minds an open transaction, a connection rolls it back.
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
    // A write takes its lock when it begins, rather than fail half-way (SQLITE_BUSY_SNAPSHOT).
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.setGetGeneratedKeys(false);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }

  private static void create(Path file) {
    if (Files.exists(file)) {
      if (!Files.isRegularFile(file)) {
        throw new UnusableDatabaseException(file + " is no file: name one for the database", null);
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
      // Whoever made it, the checks that follow decide.
    } catch (IOException failed) {
      throw new UnusableDatabaseException(
          "the database "
              + file
              + " can't be created: see that its folder exists and is writable for this user",
          failed);
    }
  }

  // Before anything is set or written: setting the journal mode alone would change a stranger's
  // file. Answers whether the file has tables already.
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
    // Held until all is done, so that SQLite doesn't put its log away after each of Flyway's steps.
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

  /// How the tables of a database are made and brought up to date.
  ///
  /// @param takenOverAt when that happens to the tables of an earlier version; the beginning of
  ///   1970 for a new file
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
          case SQLITE_NOTADB -> "is no SQLite database: name another file, or restore a backup";
          case SQLITE_CORRUPT -> "is damaged: restore a backup";
          case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
              "can't be opened: see that this user may read and write it and its folder";
          case SQLITE_READONLY -> "is read-only: see that this user may write it and its folder";
          case SQLITE_BUSY, SQLITE_LOCKED ->
              "is in use by another program: end that program, then start again";
          case SQLITE_FULL -> "has no room left: free space on its disk";
          default -> "can't be used: " + SqlFailures.firstLine(failure);
        };
    return new UnusableDatabaseException("the database " + file + " " + problem, failure);
  }
}
