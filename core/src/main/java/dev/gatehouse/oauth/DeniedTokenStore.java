package dev.gatehouse.oauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores denials of access tokens of other issuers. Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash.
public interface DeniedTokenStore {

  /// Adds a denial, and writes a feed row that names it in the same transaction. Throws
  /// [IllegalArgumentException] if the id is taken.
  void add(DeniedToken denied);

  /// Returns a denial that is in force at that time for the subject of that issuer, or for that
  /// token; empty if there is none.
  ///
  /// @param tokenId the `jti`; null: the token has none
  Optional<DeniedToken> denying(
      String issuer, String subject, @Nullable String tokenId, Instant now);

  /// Returns up to `limit` denials in the order of their ids, after that id (null: from the first).
  List<DeniedToken> list(@Nullable String afterId, int limit);

  /// Deletes a denial; false if there is none of that id.
  boolean remove(String id);

  /// Removes those that ended before that time.
  void purge(Instant now);
}
