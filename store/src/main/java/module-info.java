import org.jspecify.annotations.NullMarked;

/// The stores of Gatehouse in an SQL database. The only database is SQLite today.
// The packages of the migrations hold resources and no class, so javac warns about opens.
@SuppressWarnings("opens")
@NullMarked
module dev.gatehouse.store {
  requires static org.jspecify;
  requires transitive dev.gatehouse.core;
  requires flyway.core;
  // Jdbi needs this module, but is an automatic module and cannot declare it.
  requires io.leangen.geantyref;
  requires org.jdbi.v3.core;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;
  requires java.sql;

  exports dev.gatehouse.store;

  // Flyway finds the migrations through the class loader.
  opens dev.gatehouse.store.migration;
  opens dev.gatehouse.store.uses;
}
