import org.jspecify.annotations.NullMarked;

/// The ports on real storage.
@NullMarked
module dev.gatehouse.store {
  requires static org.jspecify;
  requires transitive dev.gatehouse.core;
  requires com.zaxxer.hikari;
  requires flyway.core;
  requires org.jdbi.v3.core;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;
  requires java.sql;
}
