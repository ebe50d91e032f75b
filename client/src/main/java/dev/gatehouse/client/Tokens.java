package dev.gatehouse.client;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The tokens of one grant. They are requested when they are needed, and renewed once for all calls
/// that wait.
///
/// A refresh token can be used once. A second use ends the sign-in, because it shows that somebody
/// has a copy. So the token is discarded when it is sent, and restored only if the gate certainly
/// did not use it. If the answer is lost, the token is never sent again: the client signs in anew,
/// or uses its access token until that expires. A call that stops waiting does not end a renewal:
/// the next call gets its result. Thread-safe; no method blocks.
final class Tokens {

  // A renewal begins this long before the expiry, or after three quarters of a short lifetime.
  private static final Duration RENEWAL_MARGIN = Duration.ofSeconds(30);
  private static final int RENEWAL_LIFE_DIVISOR = 4;

  // A client that was refused is not accepted by asking often, and frequent requests may delay
  // others.
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

  /// @param refresh null if there is none, and while it is being sent
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

  /// Why there is no token, and until when the gate is not asked again.
  ///
  /// @param since a clock that was set back to before this ends the pause
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

  /// Returns an access token that is valid now.
  ///
  /// The future fails with a [SignInException] if the gate gives none, and with another
  /// [java.io.IOException] if it cannot be reached.
  CompletableFuture<String> token() {
    return next(null);
  }

  /// Returns another token, because the gate refused that one.
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
    // Each call gets a separate stage and thread, so that cancelling or blocking one does not
    // affect the others.
    return mine.whenCompleteAsync((token, failed) -> {}, Thread::startVirtualThread);
  }

  private void renew(CompletableFuture<String> renewed) {
    Instant asked = clock.instant();
    String refresh;
    synchronized (lock) {
      refresh = held.refresh;
      held = held.with(null);
    }
    // Any exception ends the renewal, since others wait for it.
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

  // The gate never received it, or said that it did not use it.
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
    return refused.status() >= 400
            && refused.status() < 500
            && refused.status() != STATUS_TOO_MANY_REQUESTS
        ? PAUSE_AFTER_REFUSAL
        : refused.retryAfter();
  }

  /// Revokes the sign-in at the gate and forgets the tokens, even if the former fails.
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
