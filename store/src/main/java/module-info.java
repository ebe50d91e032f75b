import org.jspecify.annotations.NullMarked;

/// The ports on real storage.
// Migrations are resources, and javac sees no class in their package.
@SuppressWarnings("opens")
@NullMarked
module dev.gatehouse.store {
  requires static org.jspecify;
  requires transitive dev.gatehouse.core;
  requires flyway.core;
  // Jdbi needs it, but as an automatic module it can't say so.
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
