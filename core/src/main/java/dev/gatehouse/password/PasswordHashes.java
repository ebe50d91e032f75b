package dev.gatehouse.password;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Hashes passwords and verifies them, on a few threads of its own. Thread-safe.
///
/// Each method that hashes waits for its turn, and throws [HashingBusyException] when that does not
/// come in time.
public final class PasswordHashes implements AutoCloseable {

  private final PasswordSettings settings;
  private final HashingThreads threads;
  final StoredHash dummyHash;

  /// Hashes by those settings.
  public PasswordHashes(PasswordSettings settings) {
    this(
        settings,
        new HashingThreads(
            settings.hashingThreads(), settings.hashingQueue(), settings.hashingWait()));
  }

  /// Hashes by those settings, on threads of that factory. Each hash keeps its thread busy for as
  /// long as the hash takes, so threads of a low priority leave the cores to other work.
  public PasswordHashes(PasswordSettings settings, ThreadFactory factory) {
    this(
        settings,
        new HashingThreads(
            settings.hashingThreads(), settings.hashingQueue(), settings.hashingWait(), factory));
  }

  /// Hashes by those settings on those threads.
  PasswordHashes(PasswordSettings settings, HashingThreads threads) {
    this.settings = settings;
    this.threads = threads;
    this.dummyHash = StoredHash.Own.dummy(settings);
  }

  /// A new hash of the password, salted, with the name of its scheme.
  public String hash(PresentedPassword password) {
    return threads.run(null, () -> StoredHash.Own.of(password.bytes(), settings));
  }

  /// Asks whether the password is the one of that hash. Null, or a hash that can't be read, is
  /// nobody's: it takes as long as a wrong password.
  ///
  /// A password that was typed in another form than the normal one is tried in both forms, whatever
  /// the hash is. So the time of a wrong password does not tell which hashes were imported.
  ///
  /// @param from whose turn it takes: see [HashingThreads]
  /// @param begins asked when the turn has come, whether there is still to be a hash
  /// @param judge makes the answer of whether they match, before the next has its turn
  /// @return empty when there was no hash
  public <T> Optional<T> match(
      PresentedPassword password,
      @Nullable String stored,
      InetAddress from,
      BooleanSupplier begins,
      Function<Boolean, T> judge) {
    StoredHash hash = stored == null ? dummyHash : read(stored).orElse(dummyHash);
    return threads.run(
        from,
        () ->
            begins.getAsBoolean()
                ? Optional.of(judge.apply(password.forms().stream().anyMatch(hash::matches)))
                : Optional.empty());
  }

  /// Waits until another hash has ended, for as long as one may wait for its turn. Throws
  /// [HashingBusyException] when that takes too long.
  ///
  /// @param ended is completed then
  /// @param since when the wait began, by [System#nanoTime()]
  void await(Future<?> ended, long since) {
    long left = settings.hashingWait().toNanos() - (System.nanoTime() - since);
    try {
      ended.get(left, TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new HashingBusyException("other attempts with this name did not end in time", late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new HashingBusyException("the wait for a hash was interrupted", interrupted);
    } catch (ExecutionException impossible) {
      throw new AssertionError(impossible); // an end is no failure
    }
  }

  /// Whether a hash of today would be made the same way.
  public boolean isCurrent(String stored) {
    return read(stored)
        .filter(hash -> hash instanceof StoredHash.Own && hash.isMadeBy(settings))
        .isPresent();
  }

  /// Whether the hash depends on every byte of the password, in each form in which it is tried. If
  /// not, a match says nothing about the rest. False for a hash that can't be read.
  public boolean covers(String stored, PresentedPassword password) {
    return read(stored)
        .filter(hash -> password.forms().stream().allMatch(form -> form.length <= hash.maxBytes()))
        .isPresent();
  }

  /// Whether a hash that can be imported is that of an empty password. It hashes once.
  boolean isOfEmptyPassword(String hash) {
    StoredHash read = StoredHash.parse(hash);
    return threads.run(null, () -> read.matches(new byte[0]));
  }

  /// Why this hash, made elsewhere, can't be used; empty when it can.
  public static Optional<String> whyNotImportable(String hash) {
    try {
      StoredHash.parse(hash);
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of(String.valueOf(unusable.getMessage()));
    }
  }

  private static Optional<StoredHash> read(String stored) {
    try {
      return Optional.of(StoredHash.parse(stored));
    } catch (IllegalArgumentException unusable) {
      return Optional.empty();
    }
  }

  /// Ends the threads. Who waits for a hash is told that there is none.
  @Override
  public void close() {
    threads.close();
  }
}
