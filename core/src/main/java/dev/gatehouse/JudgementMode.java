package dev.gatehouse;

/// How a request comes to be judged, and so what its judgement may wait for and what it counts.
sealed interface JudgementMode {

  /// Nothing may be waited for.
  record Recall() implements JudgementMode {
    static final Recall INSTANCE = new Recall();
  }

  /// Stores and slow hashes may be waited for.
  record Admit() implements JudgementMode {
    static final Admit INSTANCE = new Admit();
  }

  /// An admission is judged anew: what was waited for is not counted again.
  ///
  /// @param admitted what is judged
  record Review(Decision.Admitted admitted) implements JudgementMode {}
}
