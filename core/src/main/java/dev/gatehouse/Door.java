package dev.gatehouse;

/// How a request comes to be judged, and so what its judgement may wait for and what it counts.
sealed interface Door {

  /// Nothing may be waited for.
  record Recall() implements Door {
    static final Recall INSTANCE = new Recall();
  }

  record Admit() implements Door {
    static final Admit INSTANCE = new Admit();
  }

  /// @param admitted what is judged anew
  record Review(Decision.Admitted admitted) implements Door {}
}
