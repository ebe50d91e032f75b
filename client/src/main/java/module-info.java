import org.jspecify.annotations.NullMarked;

/// Calls an API behind a gate, with each kind of credential.
@NullMarked
module dev.gatehouse.client {
  requires static transitive org.jspecify;
  requires transitive java.net.http;

  exports dev.gatehouse.client;
}
