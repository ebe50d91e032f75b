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

/// The audit log of refusals: a line for each, up to a rate, and a count of those beyond it.
///
/// Callers without a verified credential share one rate, of which an address gets a fifth, and a
/// wider [dev.gatehouse.throttle.AddressGroup] a multiple of that. Callers with a verified
/// credential have a rate of their own, which is five times as high; a credential gets a fifth of
/// it. So a flood of one kind takes no lines from the other. Refusals beyond the rate are counted.
/// One line says for each [#SUMMARY_INTERVAL] how many there were, of which codes, and from how
/// many addresses and credentials.
///
/// The memory is bounded. Thread-safe; waits for nothing but the logger.
public final class RefusalLog {

  /// How many lines callers without a verified credential get in a minute unless it is set.
  public static final int DEFAULT_LINES_PER_MINUTE = 600;

  /// How often the refusals are summed up that have no line.
  public static final Duration SUMMARY_INTERVAL = Duration.ofSeconds(10);

  /// How many addresses, and how many credentials, a summary tells apart.
  static final int MAX_COUNTED_CALLERS = 1_000;

  private static final int RATE_PER_CALLER_DIVISOR = 5;

  // One line for each refusal: the id that the client was shown, and what only operators may know.
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

  /// The log of this process.
  public static RefusalLog ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /// Allows that many lines a minute to callers without a verified credential, and five times as
  /// many to those with one. What was counted before is forgotten.
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
        throw new IllegalArgumentException("at least " + RATE_PER_CALLER_DIVISOR + " lines a minute");
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

  /// Logs a refusal, or counts it.
  ///
  /// @param credential the public id of the verified credential; null: there is none
  /// @param request fit for a log
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

  /// Logs the summary of what was not logged since the last one, if there is anything. A server
  /// calls it every [#SUMMARY_INTERVAL] and at its end: otherwise a summary waits for the next
  /// refusal.
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
