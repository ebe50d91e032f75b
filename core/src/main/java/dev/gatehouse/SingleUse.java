package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// The one use of a credential that is accepted once, as a signature is.
///
/// [Gate#admit] reserves it when everything else about the request is good, and just before it
/// admits the request. From then on every other request with that credential is refused. So a
/// reserved use counts unless it is released, and a caller that knows nothing of single uses
/// accepts no credential twice. Thread-safe; each call may block.
public interface SingleUse {

  /// When the use counts for good, so that it must not be released any more.
  enum Finality {
    /// Once a byte of the request was sent on: the upstream may have acted on it, whatever it
    /// answers. The caller can make another credential for another try.
    WHEN_SENT,
    /// Once the upstream has answered with a status below 500. Until then the sender must be able
    /// to deliver the same bytes again, because it can't make another credential for them.
    WHEN_ANSWERED
  }

  /// When this one counts.
  Finality finality();

  /// Reserves it. Of many who reserve the same one at once, one is told that it did.
  ///
  /// @return null when it is reserved now; otherwise why the request must not be admitted: an
  ///   [Outcome.Rejected] or [Outcome.Unavailable]
  @Nullable Outcome reserve();

  /// Makes a reserved use count for good; needed for [Finality#WHEN_ANSWERED] only. When the store
  /// does not answer, this is logged, and the use stays reserved.
  void confirm();

  /// Gives a reserved use back: the same credential may be accepted once more. To be called once at
  /// most, and not after [#confirm]. When the store does not answer, this is logged, and the use
  /// stays reserved.
  void release();
}
