package dev.gatehouse.hmac;

import dev.gatehouse.secret.Digest;
import java.time.Instant;

/// The record of signatures that were accepted, so that none is accepted twice. Thread-safe; every
/// call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer. A
/// use that was recorded is known after a restart, until it would be refused for its age.
public interface UsedSignatures {

  /// What came of recording a use.
  enum Recorded {
    /// It is the first of its kind, and on record.
    FIRST,
    /// It was on record already.
    AGAIN,
    /// There is no room for another: nothing is forgotten to make some.
    FULL
  }

  /// Records a use. Of many who record the same one at once, one is told that it is the first.
  ///
  /// @param until when it is refused for its age anyhow
  Recorded record(Digest use, Instant until);

  /// Forgets the uses that are refused for their age by that instant.
  void purge(Instant now);
}
