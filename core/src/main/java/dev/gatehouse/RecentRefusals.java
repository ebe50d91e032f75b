package dev.gatehouse;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The latest refusals of this process in memory, by the `id` that the client was shown. They give
/// an operator more than the line of the audit log.
///
/// The memory is bounded in characters. Refusals with an [Explanation] have a separate share of it,
/// so that a flood of unknown credentials does not displace them. So do refusals without a line in
/// the log ([RefusalLog]), so that they do not displace refusals with a line. Thread-safe; does not
/// block.
public final class RecentRefusals {

  /// One recorded refusal.
  ///
  /// @param cause what the client was not told
  /// @param request the method and the path, in a form that can be logged
  public record Entry(
      String id,
      Instant at,
      Reason reason,
      String detail,
      String cause,
      String peer,
      String request,
      @Nullable Explanation explanation) {

    private int chars() {
      int chars = 400 + detail.length() + cause.length() + request.length();
      if (explanation != null) {
        chars += explanation.signed().length();
        for (String hint : explanation.hints()) {
          chars += hint.length();
        }
      }
      return chars;
    }
  }

  private static final RecentRefusals OF_THIS_PROCESS =
      new RecentRefusals(2 << 20, 1 << 20, 4 << 20);

  private final NewestEntries plain;
  private final NewestEntries unlogged;
  private final NewestEntries explained;

  RecentRefusals(int maxPlainChars, int maxUnloggedChars, int maxExplainedChars) {
    this.plain = new NewestEntries(maxPlainChars);
    this.unlogged = new NewestEntries(maxUnloggedChars);
    this.explained = new NewestEntries(maxExplainedChars);
  }

  /// Returns the refusals of this process.
  public static RecentRefusals ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /// Returns the refusal of that id; empty if there was none, or if later ones have displaced it.
  public Optional<Entry> find(String id) {
    return Stream.of(explained, plain, unlogged)
        .map(entries -> entries.find(id))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// @param logged whether it has a line in the log
  void add(Entry entry, boolean logged) {
    if (entry.explanation() != null) {
      explained.add(entry);
    } else if (logged) {
      plain.add(entry);
    } else {
      unlogged.add(entry);
    }
  }

  /// The newest entries, as many as fit.
  private static final class NewestEntries {

    private final int maxChars;
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<String, Entry> byAge = new LinkedHashMap<>();
    private long chars;

    NewestEntries(int maxChars) {
      this.maxChars = maxChars;
    }

    Optional<Entry> find(String id) {
      lock.lock();
      try {
        return Optional.ofNullable(byAge.get(id));
      } finally {
        lock.unlock();
      }
    }

    void add(Entry entry) {
      lock.lock();
      try {
        byAge.putLast(entry.id(), entry);
        chars += entry.chars();
        while (chars > maxChars) {
          chars -= byAge.pollFirstEntry().getValue().chars();
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
