package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// The single use of a credential that is accepted only once, such as a signature.
///
/// [Gate#admit] reserves it when there is nothing else against the request, just before it admits
/// the request. From then on, every other request with this credential is refused. A reserved use
/// counts unless it is released, so a caller that ignores single uses accepts no credential twice.
/// Thread-safe; each method except [#finality] may block.
public interface SingleUse {

  /// When the use counts for good, after which it must not be released.
  enum Finality {
    /// As soon as a byte of the request was forwarded: the upstream may have acted on it, whatever
    /// it answers. The caller can make another credential for another try.
    WHEN_SENT,
    /// As soon as the upstream has answered with a status below 500. Until then the sender must be
    /// able to deliver the same bytes again, because it cannot make another credential for them.
    WHEN_ANSWERED
  }

  /// Returns when this use counts for good.
  Finality finality();

  /// Reserves the use. If several callers reserve the same use at once, exactly one succeeds.
  ///
  /// @return null if the use is now reserved; otherwise why the request must not be admitted: an
  ///   [Outcome.Rejected] or an [Outcome.Unavailable]
  @Nullable Outcome reserve();

  /// Makes a reserved use count for good. This is needed for [Finality#WHEN_ANSWERED] only. If the
  /// store does not answer, this is logged, and the use stays reserved.
  void confirm();

  /// Gives a reserved use back, so that the credential may be accepted once more. Call it at most
  /// once, and not after [#confirm]. If the store does not answer, this is logged, and the use
  /// stays reserved.
  void release();
}
