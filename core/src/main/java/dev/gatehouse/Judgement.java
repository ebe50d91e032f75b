package dev.gatehouse;

import dev.gatehouse.RefusalComposer.RefusedCaller;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Judges one request, and keeps what it has proved so far. For one thread.
final class Judgement {

  // How often a credential is verified for one request, if each time something that it rests on
  // changes meanwhile.
  private static final int MAX_VERIFICATIONS = 3;

  private static final Outcome.Unavailable KEEPS_CHANGING =
      new Outcome.Unavailable(
          new StoreUnavailableException(
              "what the credential rests on changed each time it was verified", null));

  private sealed interface Answer {
    record Proved(Decision.Proof proof) implements Answer {}

    record NotProved(Outcome.Rejected rejected) implements Answer {}

    /// It is not in memory, and asking is not allowed.
    record NotKnown() implements Answer {
      static final NotKnown INSTANCE = new NotKnown();
    }
  }

  private final GateState gate;
  private final List<Method> way;
  private final FoundCredentials found;
  private final AuthRequest request;
  private final Policy policy;
  private final JudgementMode mode;
  private final List<Decision.Proof> proofs;

  /// @param way the methods that must prove the request; the request presents a credential of each
  Judgement(
      GateState gate,
      List<Method> way,
      FoundCredentials found,
      AuthRequest request,
      Policy policy,
      JudgementMode mode) {
    this.gate = gate;
    this.way = way;
    this.found = found;
    this.request = request;
    this.policy = policy;
    this.mode = mode;
    this.proofs = new ArrayList<>(way.size());
  }

  /// Returns the decision; empty if it is not in memory, and asking is not allowed.
  Optional<Decision> decide() {
    for (int i = 0; i < way.size(); i++) {
      switch (prove(i)) {
        case Answer.NotKnown unknown -> {
          return Optional.empty();
        }
        case Answer.NotProved(Outcome.Rejected rejected) -> {
          return Optional.of(refuse(rejected, RefusedCaller.by(way.get(i))));
        }
        case Answer.Proved(Decision.Proof proof) -> proofs.add(proof);
      }
      Optional<Decision> unfit = unfit();
      if (unfit.isPresent()) {
        return unfit;
      }
    }
    if (!(mode instanceof JudgementMode.Recall)) {
      Optional<Decision> outdated = afterWaiting();
      if (outdated.isPresent()) {
        return outdated;
      }
    }
    if (mayBeForged()) {
      return Optional.of(refuse(Rejections.FORGED, RefusedCaller.proved(proofs.getFirst())));
    }
    Decision.Proof single =
        mode instanceof JudgementMode.Review ? null : Decision.Admitted.single(proofs);
    SingleUse singleUse = single == null ? null : single.accepted().singleUse();
    return Optional.of(
        single == null || singleUse == null || lacking() != null
            ? judge()
            : reserveAndJudge(single, singleUse));
  }

  private Decision reserveAndJudge(Decision.Proof single, SingleUse singleUse) {
    for (Decision.Proof proof : proofs) {
      Outcome.Rejected overused = overused(proof, false);
      if (overused != null) {
        return refuse(overused, RefusedCaller.proved(proof));
      }
    }
    Outcome refused = singleUse.reserve();
    if (refused != null) {
      return refuse(notProved(refused), RefusedCaller.proved(single));
    }
    Decision decision = null;
    try {
      decision = afterWaiting().orElseGet(this::judge);
      return decision;
    } finally {
      if (!(decision instanceof Decision.Admitted)) {
        singleUse.release();
      }
    }
  }

  // Verifying a credential and reserving a use take time. Meanwhile the other credentials may have
  // been revoked or changed, or may have expired. What the feed named meanwhile is verified again,
  // and all conditions are judged again: an acceptance from before a revocation admits no request
  // after that revocation was heard. Empty if all proofs hold.
  private Optional<Decision> afterWaiting() {
    for (int verifications = 1; ; verifications++) {
      boolean outdated = false;
      for (int i = 0; i < proofs.size(); i++) {
        Decision.Proof before = proofs.get(i);
        if (!gate.verifications().isOutdated(before)) {
          continue;
        }
        outdated = true;
        Answer answer =
            verifications == MAX_VERIFICATIONS
                ? answer(new Verifications.StampedOutcome(KEEPS_CHANGING, before.stamp()))
                : proveAgain(i, before.accepted());
        switch (answer) {
          case Answer.NotKnown unknown -> throw new AssertionError("it was asked");
          case Answer.NotProved(Outcome.Rejected rejected) -> {
            return Optional.of(refuse(rejected, RefusedCaller.by(way.get(i))));
          }
          case Answer.Proved(Decision.Proof proof) -> proofs.set(i, proof);
        }
      }
      if (!outdated) {
        return unfit();
      }
    }
  }

  // Why the proofs cannot be used together, here and now; empty if they can.
  private Optional<Decision> unfit() {
    Instant now = gate.clock().instant();
    Decision.Proof first = proofs.getFirst();
    for (int i = 0; i < proofs.size(); i++) {
      Decision.Proof proof = proofs.get(i);
      Outcome.Rejected broken = proof.accepted().conditions().violationBy(request, now);
      if (broken != null) {
        return Optional.of(refuse(broken, RefusedCaller.proved(proof)));
      }
      if (!sameSubject(first, proof)) {
        return Optional.of(refuse(Rejections.DIFFERENT_CALLERS, RefusedCaller.proved(proof)));
      }
      if (mode instanceof JudgementMode.Review(Decision.Admitted before)
          && before.proofs().stream().anyMatch(earlier -> !sameSubject(earlier, proof))) {
        return Optional.of(refuse(Rejections.OTHER_CALLER_NOW, RefusedCaller.proved(proof)));
      }
      for (int j = 0; j < i; j++) {
        Decision.Proof before = proofs.get(j);
        if (!proof.accepted().root().isDistinctFrom(before.accepted().root())) {
          return Optional.of(
              refuse(Rejections.oneCredential(before, proof), RefusedCaller.proved(proof)));
        }
      }
    }
    return Optional.empty();
  }

  // A credential that a program wrote into the request shows that the request was intended. A
  // browser adds other credentials by itself: they show nothing, even if there are two of them.
  private boolean mayBeForged() {
    for (Method method : way) {
      if (method.ambience() == Method.Ambience.NEVER) {
        return false;
      }
    }
    CsrfCheck.Evidence token = csrfToken();
    boolean forged = false;
    for (Method method : way) {
      forged |= CsrfCheck.mayBeForged(request, token, method.ambience());
    }
    return forged;
  }

  // A wrong CSRF token contradicts all other evidence, also if its credential is not the one that
  // is judged. A right token counts only for a credential that is verified.
  private CsrfCheck.Evidence csrfToken() {
    CsrfCheck.Evidence token = CsrfCheck.Evidence.NONE;
    for (Map.Entry<Method, Presented> each : found.byMethod().entrySet()) {
      if (each.getValue() instanceof Presented.Credential credential) {
        switch (credential.csrfToken()) {
          case OTHER -> {
            return CsrfCheck.Evidence.OTHER;
          }
          case OWN -> token = way.contains(each.getKey()) ? CsrfCheck.Evidence.OWN : token;
          case NONE -> {
            // it shows nothing
          }
        }
      }
    }
    return token;
  }

  private Decision judge() {
    if (!(mode instanceof JudgementMode.Review)) {
      for (Decision.Proof proof : proofs) {
        Outcome.Rejected overused = overused(proof, true);
        if (overused != null) {
          return refuse(overused, RefusedCaller.proved(proof));
        }
        Principal principal = proof.accepted().principal();
        gate.usage().note(principal, policy.usageRoute(principal.method()), gate.clock().millis());
      }
    }
    Outcome.Rejected lacking = lacking();
    return lacking == null
        ? new Decision.Admitted(proofs)
        : refuse(lacking, RefusedCaller.proved(proofs.getFirst()));
  }

  // Why the caller may not do this on the route; null if it may.
  private Outcome.@Nullable Rejected lacking() {
    Principal principal = proofs.getFirst().accepted().principal();
    Scopes required = policy.requiredScopes(request.method()).orElse(null);
    if (required == null) {
      return new Outcome.Rejected(
          Reason.INSUFFICIENT_SCOPE,
          "This route does not allow " + request.method(),
          "the route has no rule for " + request.method());
    }
    return principal.scopes().containsAll(required)
        ? null
        : new Outcome.Rejected(
            Reason.INSUFFICIENT_SCOPE,
            "This request needs the scope " + required,
            principal.credential() + " lacks " + required.minus(principal.scopes()));
  }

  private Answer prove(int i) {
    return switch (presented(i)) {
      case Presented.None none -> throw new AssertionError("only what is present is proved");
      case Presented.Malformed malformed ->
          new Answer.NotProved(gate.failed(malformed.rejection(), request));
      case Presented.Credential credential -> {
        Digest key = credential.memoryKey();
        Decision.Proof recalled = key == null ? null : gate.verifications().recall(key);
        if (recalled != null) {
          yield new Answer.Proved(recalled);
        }
        yield mode instanceof JudgementMode.Recall
            ? Answer.NotKnown.INSTANCE
            : ask(i, credential, key);
      }
    };
  }

  private Presented presented(int i) {
    return Objects.requireNonNull(found.byMethod().get(way.get(i)));
  }

  // Valid credentials that cannot be guessed pass, whatever other callers at their address do. A
  // credential that is expensive to verify and may be a guess (a password, or a token that an
  // issuer is asked about) is not verified while its address must wait.
  private Answer ask(int i, Presented.Credential credential, @Nullable Digest memoryKey) {
    if (credential.isThrottled() && !(mode instanceof JudgementMode.Review)) {
      Optional<Duration> wait = gate.failedAttempts().mustWait(request.peer());
      if (wait.isPresent()) {
        return new Answer.NotProved(Rejections.throttled(wait.get()));
      }
    }
    if (memoryKey != null) {
      return answer(gate.verifications().share(credential, memoryKey));
    }
    return answer(
        mode instanceof JudgementMode.Review(Decision.Admitted admitted)
                && i < admitted.proofs().size()
            ? gate.verifications()
                .ask(() -> credential.verifyAgain(admitted.proofs().get(i).accepted().principal()))
            : gate.verifications().ask(credential::verify));
  }

  // The body must still have the digest that was signed, and the single use is the one that is or
  // will be reserved.
  private Answer proveAgain(int i, Outcome.Accepted before) {
    if (!(presented(i) instanceof Presented.Credential credential)) {
      throw new AssertionError("only a credential was proved");
    }
    Digest memoryKey = credential.memoryKey();
    return answer(
        memoryKey != null
            ? gate.verifications().share(credential, memoryKey)
            : gate.verifications()
                .ask(
                    () -> {
                      Outcome outcome = credential.verifyAgain(before.principal());
                      return outcome instanceof Outcome.Accepted again
                          ? again.inPlaceOf(before)
                          : outcome;
                    }));
  }

  private Answer answer(Verifications.StampedOutcome asked) {
    return asked.outcome() instanceof Outcome.Accepted accepted
        ? new Answer.Proved(new Decision.Proof(accepted, asked.stamp()))
        : new Answer.NotProved(notProved(asked.outcome()));
  }

  private Decision refuse(Outcome.Rejected rejected, RefusedCaller caller) {
    return new Decision.Refused(gate.refusals().compose(request, policy, rejected, caller));
  }

  // Why the credential may not be used again so soon; null if it may.
  private Outcome.@Nullable Rejected overused(Decision.Proof proof, boolean takeUse) {
    Integer perMinute = proof.accepted().conditions().requestsPerMinute();
    if (perMinute == null) {
      return null;
    }
    String credential = proof.accepted().principal().credential();
    Duration wait =
        takeUse
            ? gate.rateLimits().take(credential, perMinute)
            : gate.rateLimits().mustWait(credential, perMinute);
    return wait.isZero() ? null : Rejections.overused(credential, perMinute, wait);
  }

  private Outcome.Rejected notProved(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Accepted accepted -> throw new AssertionError("that is a proof: " + accepted);
      case Outcome.Rejected rejected ->
          mode instanceof JudgementMode.Review ? rejected : gate.failed(rejected, request);
      case Outcome.Unavailable unavailable ->
          new Outcome.Rejected(
              Reason.UNAVAILABLE,
              "The credential could not be verified now",
              FailureText.of(unavailable.cause()),
              unavailable.retryAfter());
    };
  }

  private static boolean sameSubject(Decision.Proof one, Decision.Proof other) {
    return one.accepted().principal().subject().equals(other.accepted().principal().subject());
  }
}
