package dev.gatehouse;

/// What a judgement may wait for, and what it counts.
sealed interface JudgementMode {

  /// It answers from memory and waits for nothing.
  record Recall() implements JudgementMode {
    static final Recall INSTANCE = new Recall();
  }

  /// It may wait for stores and slow hashes.
  record Admit() implements JudgementMode {
    static final Admit INSTANCE = new Admit();
  }

  /// It judges an admission again. What was counted for that admission is not counted again.
  record Review(Decision.Admitted admitted) implements JudgementMode {}
}
