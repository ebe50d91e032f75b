/// The stores of the core in an SQL database, which is an SQLite file today.
///
/// **Where things are.** [dev.gatehouse.store.SqlDatabase] opens the file and has one `Sql…Store`
/// for each port of the core. A store has its SQL as constants, and converts rows. `SqliteFile`
/// opens and migrates the file. `SqliteThreads` runs the work: `SqliteReader` reads, and
/// `SqliteWriter` writes and feeds the listeners of the revocation feed. The migrations are in
/// `migration` and `uses`, as resources.
///
/// **What a database must guarantee.** A change and its feed rows are one transaction. Feed rows
/// appear in the order of their numbers. A change is on the disk when its method returns. The
/// contract suites in the test kit check all stores.
///
/// **Another database.** The SQL is written for SQLite and PostgreSQL where that is possible. A
/// database other than SQLite needs its own threads, connections and migrations, and can keep the
/// stores.
///
/// **Threats.** A stolen file: it holds digests of secrets and sealed keys, and no secret in clear.
/// A value in an exception or a log: exceptions do not contain the parameters of statements.
package dev.gatehouse.store;
