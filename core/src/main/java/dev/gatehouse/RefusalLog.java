package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.secret.LoggedText;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit log of refusals. Each refusal gets a line, up to a rate; the refusals beyond the rate
/// are counted.
///
/// Callers without a verified credential share one rate. An address may use a fifth of it, and a
/// wider [dev.gatehouse.throttle.AddressGroup] a multiple of that. Callers with a verified
/// credential have a separate rate, which is five times as high; a credential may use a fifth of
/// that. So a flood of one kind uses no lines of the other kind. For each [#SUMMARY_INTERVAL], one
/// line says how many refusals had no line, with their codes and with the number of addresses and
/// credentials.
///
/// The memory is bounded. Thread-safe; blocks only as long as the logger does.
public final class RefusalLog {

  /// How many lines a minute callers without a verified credential get by default.
  public static final int DEFAULT_LINES_PER_MINUTE = 600;

  /// How often the refusals without a line are summarized.
  public static final Duration SUMMARY_INTERVAL = Duration.ofSeconds(10);

  /// Up to how many addresses, and how many credentials, a summary counts.
  static final int MAX_COUNTED_CALLERS = 1_000;

  private static final int RATE_PER_CALLER_DIVISOR = 5;

  // One line for each refusal: its id, which the client was shown, and what only operators may
  // know.
  private static final Logger AUDIT = LoggerFactory.getLogger("dev.gatehouse.audit");

  private static final RefusalLog OF_THIS_PROCESS = new RefusalLog(Ticker.systemTicker());

  private final Ticker ticker;
  private volatile Rates rates;

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private final Map<Reason, Long> unlogged = new EnumMap<>(Reason.class);
  private final Set<InetAddress> addresses = new HashSet<>();
  private final Set<String> credentials = new HashSet<>();
  private long firstUnlogged;

  RefusalLog(Ticker ticker) {
    this.ticker = ticker;
    this.rates = new Rates(DEFAULT_LINES_PER_MINUTE, ticker);
  }

  /// Returns the log of this process.
  public static RefusalLog ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /// Allows callers without a verified credential that many lines a minute, and callers with one
  /// five times as many. Forgets the lines that were counted before.
  ///
  /// @param linesPerMinute at least 5; throws [IllegalArgumentException] otherwise
  public void limit(int linesPerMinute) {
    rates = new Rates(linesPerMinute, ticker);
  }

  private static final class Rates {

    // The names under which the two totals are counted. No credential has such an id.
    private static final String UNKNOWN = "unknown callers";
    private static final String KNOWN = "known callers";

    private final int perMinute;
    private final FailedAttempts byAddress;
    private final RateLimits totals;
    private final RateLimits byCredential;

    Rates(int perMinute, Ticker ticker) {
      if (perMinute < RATE_PER_CALLER_DIVISOR) {
        throw new IllegalArgumentException(
            "at least " + RATE_PER_CALLER_DIVISOR + " lines a minute");
      }
      this.perMinute = perMinute;
      this.byAddress = new FailedAttempts(perMinute / RATE_PER_CALLER_DIVISOR, ticker);
      this.totals = new RateLimits(ticker);
      this.byCredential = new RateLimits(ticker);
    }

    boolean allow(InetAddress peer) {
      if (byAddress.count(peer).isPresent()) {
        return false;
      }
      boolean allowed = totals.take(UNKNOWN, perMinute).isZero();
      if (!allowed) {
        byAddress.giveBack(peer);
      }
      return allowed;
    }

    boolean allow(String credential) {
      return byCredential.take(credential, perMinute).isZero()
          && totals.take(KNOWN, Math.multiplyExact(RATE_PER_CALLER_DIVISOR, perMinute)).isZero();
    }
  }

  /// Logs a refusal, or counts it if its rate is used up.
  ///
  /// @param credential the public id of the verified credential; null: none was verified
  /// @param request a text that can be logged
  /// @return whether it was logged
  boolean add(Refusal refusal, InetAddress peer, @Nullable String credential, String request) {
    Rates now = rates;
    boolean logged = credential == null ? now.allow(peer) : now.allow(credential);
    if (logged) {
      AUDIT.info(
          "refused id={} code={} peer={} request=\"{}\" cause=\"{}\"",
          refusal.id(),
          refusal.reason().code(),
          peer.getHostAddress(),
          request.replace('"', '\''),
          AuthRequest.visible(LoggedText.of(refusal.cause())));
    }
    String summary;
    lock.lock();
    try {
      if (!logged) {
        count(refusal.reason(), peer, credential);
      }
      boolean over =
          !unlogged.isEmpty() && ticker.read() - firstUnlogged >= SUMMARY_INTERVAL.toNanos();
      summary = over ? takeSummary() : null;
    } finally {
      lock.unlock();
    }
    log(summary);
    return logged;
  }

  /// Logs the summary of the refusals that were not logged since the last summary, if there are
  /// any. A server should call this every [#SUMMARY_INTERVAL] and when it ends; otherwise a summary
  /// waits for the next refusal.
  public void summarise() {
    String summary;
    lock.lock();
    try {
      summary = unlogged.isEmpty() ? null : takeSummary();
    } finally {
      lock.unlock();
    }
    log(summary);
  }

  private void count(Reason reason, InetAddress peer, @Nullable String credential) {
    if (unlogged.isEmpty()) {
      firstUnlogged = ticker.read();
    }
    unlogged.merge(reason, 1L, Long::sum);
    if (addresses.size() <= MAX_COUNTED_CALLERS) {
      addresses.add(peer);
    }
    if (credential != null && credentials.size() <= MAX_COUNTED_CALLERS) {
      credentials.add(credential);
    }
  }

  private String takeSummary() {
    String summary =
        "refusals without a line of their own: "
            + unlogged.values().stream().mapToLong(Long::longValue).sum()
            + " addresses="
            + upTo(addresses.size())
            + " credentials="
            + upTo(credentials.size())
            + " codes="
            + unlogged.entrySet().stream()
                .map(each -> each.getKey().code() + ":" + each.getValue())
                .collect(Collectors.joining(","));
    unlogged.clear();
    addresses.clear();
    credentials.clear();
    return summary;
  }

  private static String upTo(int callers) {
    return callers > MAX_COUNTED_CALLERS ? MAX_COUNTED_CALLERS + "+" : Integer.toString(callers);
  }

  private static void log(@Nullable String summary) {
    if (summary != null) {
      AUDIT.info("{}", summary);
    }
  }
}
