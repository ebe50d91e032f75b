package dev.gatehouse.revocation;

import java.time.Instant;

/// One row of the revocation feed: it names what must be forgotten. Immutable.
///
/// @param sequence grows with every row; a follower asks for the rows after the last one that it
///   saw
/// @param name the subject, or the public id of the credential
/// @param at when the row was written
public record FeedEntry(long sequence, Kind kind, String name, Instant at) {

  /// What a row names.
  public enum Kind {
    /// Everything that was accepted for this subject.
    SUBJECT,
    /// Everything that was accepted by this credential.
    CREDENTIAL
  }
}
