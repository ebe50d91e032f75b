package dev.gatehouse;

/// How a request comes to be judged, and so what its judgement may wait for and what it counts.
sealed interface Door {

  /// Nothing may be waited for.
  record Recall() implements Door {
    static final Recall INSTANCE = new Recall();
  }

  /// Stores and slow hashes may be waited for.
  record Admit() implements Door {
    static final Admit INSTANCE = new Admit();
  }

  /// An admission is judged anew: what was waited for is not counted again.
  ///
  /// @param admitted what is judged
  record Review(Decision.Admitted admitted) implements Door {}
}
