package dev.gatehouse.oauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where it is kept which foreign access tokens are denied. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface DeniedTokenStore {

  /// Adds a denial, and writes a feed row that names it in the same transaction. Throws
  /// [IllegalArgumentException] when the id is taken.
  void add(DeniedToken denied);

  /// A denial that holds at that time for the subject of that issuer, or for that token; empty when
  /// there is none.
  ///
  /// @param tokenId null: the token has none
  Optional<DeniedToken> denying(
      String issuer, String subject, @Nullable String tokenId, Instant now);

  /// Up to `limit` denials in the order of their ids, behind that id (from the beginning: null).
  List<DeniedToken> list(@Nullable String afterId, int limit);

  /// Removes a denial; false when there is none of that id.
  boolean remove(String id);

  /// Removes those that ended before that time.
  void purge(Instant now);
}
