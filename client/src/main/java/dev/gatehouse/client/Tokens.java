package dev.gatehouse.client;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The tokens of one grant: got when they are needed, and renewed once for all who wait.
///
/// A refresh token is good for one use, and a second one ends the sign-in, since then somebody has
/// a copy. So it is given up in the moment in which it is sent, and comes back only when the gate
/// surely did not take it. When the answer is lost, it is never sent again: the client signs in
/// anew, or uses the access token that it has for as long as that lasts. A caller that gives up
/// waiting ends no renewal: it goes on, and the next caller gets what came of it. Thread-safe.
final class Tokens {

  // A renewal begins that long before the end, or after three quarters of a short life.
  private static final Duration RENEWAL_MARGIN = Duration.ofSeconds(30);
  private static final int RENEWAL_LIFE_DIVISOR = 4;

  // Whoever was refused is not let in by asking often, and others may be held up by it.
  private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofMinutes(1);

  private static final int STATUS_TOO_MANY_REQUESTS = 429;
  private static final int STATUS_UNAVAILABLE = 503;

  private final TokenEndpoint endpoint;
  private final Grant grant;
  private final Clock clock;

  private final Object lock = new Object();
  private Held held;
  private @Nullable CompletableFuture<String> renewal;
  private @Nullable Failure failure;

  /// @param refresh null where there is none, and while it is on its way
  private record Held(String access, @Nullable String refresh, Instant renewAt, Instant goodUntil) {

    static Held nothing(@Nullable String refresh) {
      return new Held("", refresh, Instant.MIN, Instant.MIN);
    }

    static Held of(TokenAnswer answer, Instant asked) {
      Duration quarter = answer.life().dividedBy(RENEWAL_LIFE_DIVISOR);
      Instant end = asked.plus(answer.life());
      return new Held(
          answer.accessToken(),
          answer.refreshToken(),
          end.minus(quarter.compareTo(RENEWAL_MARGIN) < 0 ? quarter : RENEWAL_MARGIN),
          end);
    }

    Held with(@Nullable String other) {
      return new Held(access, other, renewAt, goodUntil);
    }

    @Override
    public String toString() {
      return "Held[…]";
    }
  }

  /// Why there is no token, and until when nobody asks again.
  ///
  /// @param since a clock that was put back before it ends the pause
  private record Failure(Throwable cause, Instant since, Instant until) {

    boolean holdsAt(Instant now) {
      return !now.isBefore(since) && now.isBefore(until);
    }
  }

  Tokens(TokenEndpoint endpoint, Grant grant, Clock clock) {
    this.endpoint = endpoint;
    this.grant = grant;
    this.clock = clock;
    this.held = Held.nothing(grant.refreshToken());
  }

  /// An access token that is good for now.
  ///
  /// Fails with a [SignInException] when the gate gives none, and with another
  /// [java.io.IOException] when it can't be reached.
  CompletableFuture<String> token() {
    return next(null);
  }

  /// Another one, since the gate refused that one.
  CompletableFuture<String> insteadOf(String refused) {
    return next(refused);
  }

  private CompletableFuture<String> next(@Nullable String refused) {
    CompletableFuture<String> mine;
    boolean begins = false;
    synchronized (lock) {
      Instant now = clock.instant();
      if (held.access.equals(refused)) {
        held = Held.nothing(held.refresh);
      }
      if (now.isBefore(held.renewAt)) {
        return CompletableFuture.completedFuture(held.access);
      }
      if (renewal == null) {
        if (failure != null && failure.holdsAt(now)) {
          return now.isBefore(held.goodUntil)
              ? CompletableFuture.completedFuture(held.access)
              : CompletableFuture.failedFuture(failure.cause);
        }
        renewal = new CompletableFuture<>();
        begins = true;
      }
      mine = renewal;
    }
    if (begins) {
      renew(mine);
    }
    // For each a stage and a thread: who cancels theirs cancels nobody's, and holds up nobody.
    return mine.whenCompleteAsync((token, failed) -> {}, Thread::startVirtualThread);
  }

  private void renew(CompletableFuture<String> renewed) {
    Instant asked = clock.instant();
    String refresh;
    synchronized (lock) {
      refresh = held.refresh;
      held = held.with(null);
    }
    // Whatever is thrown on the way ends the renewal too: others wait for it.
    var unused =
        CompletableFuture.completedFuture(refresh)
            .thenCompose(spent -> spent == null ? first() : refreshed(spent))
            .whenComplete(
                (answer, failed) -> {
                  if (answer == null) {
                    failed(renewed, cause(failed));
                  } else {
                    got(renewed, answer, asked);
                  }
                });
  }

  private CompletableFuture<TokenAnswer> first() {
    Grant.Form form = grant.first();
    return form == null
        ? CompletableFuture.failedFuture(
            new SignInException(
                "The sign-in is over: a person must sign in again", 0, "", Duration.ZERO))
        : endpoint.ask(form);
  }

  private CompletableFuture<TokenAnswer> refreshed(String refresh) {
    return endpoint
        .refresh(refresh)
        .exceptionallyCompose(
            failed -> {
              Throwable cause = cause(failed);
              if (unspent(cause)) {
                synchronized (lock) {
                  held = held.with(refresh);
                }
                return CompletableFuture.failedFuture(cause);
              }
              return first();
            });
  }

  // The gate never saw it, or said that it did nothing with it.
  private static boolean unspent(Throwable cause) {
    return cause instanceof SignInException refused
        ? refused.status() == STATUS_TOO_MANY_REQUESTS || refused.status() == STATUS_UNAVAILABLE
        : cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
  }

  private void got(CompletableFuture<String> renewed, TokenAnswer answer, Instant asked) {
    Throwable notKept = null;
    if (answer.refreshToken() != null) {
      try {
        grant.newest().accept(answer.refreshToken());
      } catch (RuntimeException | Error failed) {
        notKept = failed;
      }
    }
    synchronized (lock) {
      held = Held.of(answer, asked);
      failure = null;
      renewal = null;
    }
    if (notKept == null) {
      renewed.complete(answer.accessToken());
    } else {
      renewed.completeExceptionally(notKept);
    }
  }

  private void failed(CompletableFuture<String> renewed, Throwable cause) {
    String stillGood;
    synchronized (lock) {
      Instant now = clock.instant();
      failure = new Failure(cause, now, now.plus(pause(cause)));
      renewal = null;
      stillGood = now.isBefore(held.goodUntil) ? held.access : null;
    }
    if (stillGood == null) {
      renewed.completeExceptionally(cause);
    } else {
      renewed.complete(stillGood);
    }
  }

  private static Duration pause(Throwable cause) {
    if (!(cause instanceof SignInException refused)) {
      return Duration.ZERO;
    }
    return refused.status() >= 400 && refused.status() < 500 && refused.status() != STATUS_TOO_MANY_REQUESTS
        ? PAUSE_AFTER_REFUSAL
        : refused.retryAfter();
  }

  /// Ends the sign-in at the gate and forgets the tokens, whatever comes of the former.
  CompletableFuture<Void> end() {
    String refresh;
    synchronized (lock) {
      if (renewal != null) {
        return renewal.handle((token, failed) -> true).thenCompose(ignored -> end());
      }
      refresh = held.refresh;
      held = Held.nothing(null);
      failure = null;
    }
    return refresh == null ? CompletableFuture.completedFuture(null) : endpoint.logout(refresh);
  }

  private static Throwable cause(Throwable failed) {
    return failed instanceof CompletionException && failed.getCause() != null
        ? failed.getCause()
        : failed;
  }

  @Override
  public String toString() {
    return "Tokens[" + grant + "]";
  }
}
