package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.gateway.OwnPath;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What one method contributes to the configured half of a gate. [Methods] lists them.
///
/// A part opens nothing but what it adds to [Services#opened]. The parts are made when a
/// configuration is built, before there is a gate; [#ownPaths] is asked for when there is one.
interface MethodPart {

  Method method();

  /// Finds and proves the method's credentials; null: no route accepts the method.
  @Nullable Authenticator authenticator();

  /// Its credentials that are issued, rotated and revoked: none unless it says so.
  default List<Credentials<?>> issued() {
    return List.of();
  }

  /// What its credential of that id stands for now, for the holder of a token that was issued on
  /// its strength. Empty for every other id, and unless the method says so. May block.
  ///
  /// @param path by which the credential was proved; null: by none in particular
  default Optional<ParentCredential> standing(String credential, @Nullable String path) {
    return Optional.empty();
  }

  /// The paths that the gate itself serves for this method: none unless it says so.
  default Map<String, OwnPath> ownPaths(Serving serving) {
    return Map.of();
  }

  /// The calls by which an administrator manages what the method keeps: none unless it says so.
  default List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of();
  }

  /// Whether a credential of that id comes and goes, as a session does, so that its uses are
  /// counted for its owner only.
  default boolean comesAndGoes(String credential) {
    return false;
  }

  /// Writes when credentials that are not among the [#issued] were last used, and passes over those
  /// of other methods. May block.
  default void touch(Map<String, Instant> lastUsed) {}

  /// Forgets what is over and was not issued. Called at the start and every ten minutes. May block.
  default void purge() {}
}
