package dev.gatehouse.revocation;

import java.time.Instant;

/// One row of the revocation feed: what must be forgotten.
///
/// @param sequence grows with every row; a follower asks for what came after the last it saw
/// @param name the subject, or the public id of the credential
public record FeedEntry(long sequence, Kind kind, String name, Instant at) {

  /// What an entry names.
  public enum Kind {
    /// Everything that was accepted for this subject.
    SUBJECT,
    /// Everything that was accepted by this credential.
    CREDENTIAL
  }
}
