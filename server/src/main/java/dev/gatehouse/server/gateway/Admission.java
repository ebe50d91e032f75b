package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.throttle.Caller;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The decision by which the gate admitted a request, as it was made, renewed or reviewed last. It
/// also holds what rests on the decision: the reserved use, and the caller's token at a provider.
///
/// All phases of the request share it. It belongs to the event loop of its exchange.
final class Admission {

  // How long a request may stay open while the gate can't say whether it may.
  private static final Duration MAX_DOUBT = Duration.ofMillis(500);

  // How often the gate judges one request anew before it is sent, when something that its
  // credential
  // rests on changes each time.
  private static final int MAX_REVIEWS = 3;

  private final Exchange exchange;
  private final ReservedUse use;
  private Decision.Admitted current;
  private int reviews;
  private @Nullable String providerToken;

  // Of the checks while the request is open.
  private boolean asking;
  private boolean inDoubt;
  private long inDoubtSince;

  /// The admission by a decision of [dev.gatehouse.Gate#recall] or [dev.gatehouse.Gate#admit].
  Admission(Exchange exchange, Decision.Admitted decided) {
    this.exchange = exchange;
    this.use = ReservedUse.of(decided);
    this.current = decided;
  }

  Decision.Admitted current() {
    return current;
  }

  /// The caller; null: the route is public.
  @Nullable Principal principal() {
    return current.principal();
  }

  /// Who takes a place at the upstream: the credential, or the address where there is none.
  Caller caller() {
    Principal known = principal();
    return known == null
        ? new Caller.Address(exchange.arrival.auth().peer())
        : new Caller.Credential(known.subject(), known.credential());
  }

  ReservedUse use() {
    return use;
  }

  /// The caller's token at a provider that goes along to the upstream; null: none does.
  @Nullable String providerToken() {
    return providerToken;
  }

  /// A refusal of this request, on record as one of the caller who was admitted.
  Refusal refusal(Reason reason, String detail, String cause) {
    return Refusal.of(reason, detail, cause).onRecord(exchange.arrival.auth(), current);
  }

  /// Whether it holds now: nothing that it rests on was revoked or changed since it was decided or
  /// reviewed last. Does not block.
  boolean holds() {
    return reviews == 0
        ? exchange.gate().holds(current, exchange.arrival.auth())
        : exchange.gate().holdsReviewed(current, exchange.arrival.auth());
  }

  /// Whether it must not be reviewed again before it is sent.
  boolean wasReviewedTooOften() {
    return reviews == MAX_REVIEWS;
  }

  /// Has the gate judge the request anew.
  ///
  /// @param then gets the decision on the event loop, also when the exchange is over
  void review(Consumer<Decision> then) {
    reviews++;
    exchange.loop.gateway.admissions.review(
        current, exchange.arrival.auth(), exchange.route.policy(), then);
  }

  /// Replaces the decision by that of the review. The token is to be found again.
  void reviewed(Decision.Admitted again) {
    current = again;
    providerToken = null;
  }

  /// Whether the upstream gets tokens of its callers at a provider, and this caller may have one.
  /// Only people have any, and only where they signed in: by a session, or for tokens.
  boolean needsProviderToken() {
    Principal caller = principal();
    return caller != null
        && exchange.route.destination().upstream().providerToken() != null
        && switch (caller.method()) {
          case SESSION, JWT -> true;
          default -> false;
        };
  }

  /// Finds the caller's token, or that there is none. If that is not known now, the request is
  /// refused.
  ///
  /// @param waiting the phase that waits for it; nothing happens when the exchange has left it
  /// @param then goes on with the token found
  void findProviderToken(Phase waiting, Runnable then) {
    ProviderTokenSource source = exchange.route.destination().upstream().providerToken();
    Principal caller = principal();
    if (source == null || caller == null) {
      then.run();
      return;
    }
    source.find(
        exchange.arrival.auth(),
        caller,
        found -> exchange.handle(waiting, () -> foundProviderToken(found, then)));
  }

  private void foundProviderToken(ProviderTokenSource.Found found, Runnable then) {
    switch (found) {
      case ProviderTokenSource.Found.Token(String value) -> {
        providerToken = value;
        then.run();
      }
      case ProviderTokenSource.Found.None() -> {
        providerToken = null;
        then.run();
      }
      case ProviderTokenSource.Found.NotNow(Refusal refusal) -> exchange.refuse(refusal);
    }
  }

  /// The request is about to be sent, and the admission holds.
  void requestIsSent() {
    use.requestIsSent();
    inDoubt = false;
  }

  /// Checks the admission of a request that is at the upstream. If it holds, it is renewed. If not,
  /// the gate is asked as if the request came now: something of the credential changed, or the
  /// revocation feed fell silent. A rotated key or another grant goes on. Everything else ends the
  /// exchange, and so does an answer that does not come in time. Does not block.
  void recheck(long now) {
    if (principal() == null) {
      return;
    }
    Decision.Admitted renewed =
        exchange.gate().renew(current, exchange.arrival.auth()).orElse(null);
    if (renewed != null) {
      current = renewed;
      inDoubt = false;
    } else {
      askAgain(now);
    }
  }

  private void askAgain(long now) {
    if (!inDoubt) {
      inDoubt = true;
      inDoubtSince = now;
    } else if (now - inDoubtSince > MAX_DOUBT.toNanos()) {
      exchange.refuseOrCut(
          refusal(Reason.UNAVAILABLE, "The credential could not be verified now", "no answer"));
      return;
    }
    if (!asking) {
      asking = true;
      exchange.loop.gateway.admissions.review(
          current, exchange.arrival.auth(), exchange.route.policy(), this::askedAgain);
    }
  }

  private void askedAgain(Decision decision) {
    asking = false;
    switch (decision) {
      case Decision.Admitted again -> {
        current = again;
        inDoubt = false;
      }
      case Decision.Refused refused -> {
        // That it is not known now is no refusal: it is looked at again at the next sweep.
        if (refused.refusal().reason() != Reason.UNAVAILABLE) {
          exchange.refuseOrCut(refused.refusal());
        }
      }
    }
  }
}
