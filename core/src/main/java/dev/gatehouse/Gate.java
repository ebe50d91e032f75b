package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.RefusalComposer.RefusedCaller;
import dev.gatehouse.revocation.RevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decides who may pass, by whatever method the caller proves itself.
///
/// Two doors: [#recall] answers from memory and never blocks; [#admit] may wait for a store or a
/// slow hash. Ask the first, and the second when it does not know. Thread-safe.
public final class Gate {

  private final List<Authenticator> authenticators;
  private final Map<Method, Authenticator> byMethod;
  private final GateState state;

  /// @param authenticators one for each method that is in use
  /// @param usage notes who was proved by which method
  /// @param clock judges expiry
  /// @param ticker measures how long things are remembered
  public Gate(
      List<Authenticator> authenticators,
      Revocations revocations,
      FailedAttempts failedAttempts,
      Usage usage,
      Clock clock,
      Ticker ticker) {
    this(authenticators, new GateMemory(revocations, failedAttempts, usage, ticker), clock);
  }

  /// A gate that shares what it remembers and counts with others.
  ///
  /// @param authenticators one for each method that is in use; throws [IllegalArgumentException]
  ///   for two of one method
  /// @param clock judges expiry
  public Gate(List<Authenticator> authenticators, GateMemory memory, Clock clock) {
    this.authenticators = List.copyOf(authenticators);
    this.byMethod = new EnumMap<>(Method.class);
    for (Authenticator authenticator : authenticators) {
      if (byMethod.put(authenticator.method(), authenticator) != null) {
        throw new IllegalArgumentException("two authenticators for " + authenticator.method());
      }
    }
    this.state =
        new GateState(
            memory.verifications,
            memory.failedAttempts,
            memory.rateLimits,
            memory.usage,
            clock,
            new RefusalComposer(byMethod));
  }

  /// A gate for stores that live in this process, with the system's clock.
  ///
  /// @param feed to which those stores write: what they revoke is forgotten at once
  /// @param failedAttemptsPerMinute how many wrong credentials an address may send
  public static Gate inProcess(
      RevocationFeed feed, int failedAttemptsPerMinute, Authenticator... authenticators) {
    Ticker ticker = Ticker.systemTicker();
    return new Gate(
        List.of(authenticators),
        Revocations.inProcess(feed),
        new FailedAttempts(failedAttemptsPerMinute, ticker),
        new Usage(),
        Clock.systemUTC(),
        ticker);
  }

  /// The header fields in which the gate's methods find credentials: see [Authenticator#fields()].
  public Set<String> credentialFields() {
    return authenticators.stream()
        .flatMap(authenticator -> authenticator.fields().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The schemes of `Authorization` that are the gate's: see [Authenticator#schemes()].
  public Set<String> credentialSchemes() {
    return authenticators.stream()
        .flatMap(authenticator -> authenticator.schemes().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The decision, if it can be made without asking anybody: never blocks.
  ///
  /// @return empty when [#admit] must be asked
  public Optional<Decision> recall(AuthRequest request, Policy policy) {
    return decide(request, policy, JudgementMode.Recall.INSTANCE);
  }

  /// The decision. May block on a store or on a slow hash: call it where blocking is cheap.
  ///
  /// What is accepted once is reserved last, when nothing else stands against the request. It
  /// counts, unless the caller releases it: see [Decision.Admitted#singleUse].
  public Decision admit(AuthRequest request, Policy policy) {
    return decide(request, policy, JudgementMode.Admit.INSTANCE).orElseThrow();
  }

  /// What [#admit] may have to wait for: a server keeps places for requests that wait for less.
  public sealed interface Wait {

    /// What is here.
    enum Here implements Wait {
      STORE,
      /// The request's own body.
      BODY,
      SLOW_HASH
    }

    /// The answer of that issuer over the network.
    record OnIssuer(String issuer) implements Wait {}
  }

  /// The longest that [#admit] may have to wait for, by the credentials that it would judge. An
  /// issuer comes before the body: an issuer that does not answer holds up no request that does not
  /// ask it. Parses only.
  public Wait waitsFor(AuthRequest request, Policy policy) {
    Wait longest = Wait.Here.STORE;
    for (Presented.Credential credential : judged(request, policy)) {
      if (credential.isSlow()) {
        return Wait.Here.SLOW_HASH;
      }
      String issuer = credential.issuer();
      if (issuer != null) {
        longest = new Wait.OnIssuer(issuer);
      } else if (credential.readsBody() && longest == Wait.Here.STORE) {
        longest = Wait.Here.BODY;
      }
    }
    return longest;
  }

  /// Whether [#admit] may read the body ([RequestBody#bytes]): nothing else may take any of it
  /// before. Parses only.
  public boolean mayReadBody(AuthRequest request, Policy policy) {
    return judged(request, policy).stream().anyMatch(Presented.Credential::readsBody);
  }

  private List<Presented.Credential> judged(AuthRequest request, Policy policy) {
    return FoundCredentials.in(request, policy, authenticators).judged(policy);
  }

  /// Checks an admission again while its stream or WebSocket is open. Never blocks.
  ///
  /// Call it more often than the feed's names are kept: each answer reaches back only to the one
  /// before.
  ///
  /// @return the admission to check next time; empty when it no longer holds, or when the feed has
  ///   fallen silent
  public Optional<Decision.Admitted> renew(Decision.Admitted admitted, AuthRequest request) {
    long stamp = state.verifications().stamp();
    if (!holds(admitted, request)) {
      return Optional.empty();
    }
    List<Decision.Proof> renewed = new ArrayList<>();
    for (Decision.Proof proof : admitted.proofs()) {
      renewed.add(new Decision.Proof(proof.accepted(), stamp));
    }
    return Optional.of(new Decision.Admitted(renewed));
  }

  /// Whether an admission holds by itself: nothing that it rests on was revoked or changed since it
  /// was decided, the feed is heard, and its conditions hold now. To be asked just before the
  /// request has an effect, when something was waited for since the decision. Never blocks.
  ///
  /// @return false when [#review] must be asked
  public boolean holds(Decision.Admitted admitted, AuthRequest request) {
    for (Decision.Proof proof : admitted.proofs()) {
      if (!state.verifications().counts(proof)) {
        return false;
      }
    }
    return meetConditions(admitted, request);
  }

  /// As [#holds], for an admission that [#review] gave a moment ago. It rests on the stores and not
  /// on the feed, and so it holds while the feed is silent. Never blocks.
  public boolean holdsReviewed(Decision.Admitted admitted, AuthRequest request) {
    return admitted.proofs().stream().noneMatch(state.verifications()::isOutdated)
        && meetConditions(admitted, request);
  }

  private boolean meetConditions(Decision.Admitted admitted, AuthRequest request) {
    Instant now = state.clock().instant();
    for (Decision.Proof proof : admitted.proofs()) {
      if (proof.accepted().conditions().violationBy(request, now) != null) {
        return false;
      }
    }
    return true;
  }

  /// Judges a request anew whose admission no longer holds by itself ([#holds], [#renew]). Each
  /// proof is held to the credential that it was made with, and to the caller that it proved: it is
  /// refused when the same credential proves another caller now. May block.
  ///
  /// It was counted when it came: it takes no use of a rate, and whatever others do at its address
  /// is not held against it (but for a password that must be hashed again: that is an attempt like
  /// any other).
  ///
  /// @param admitted of the same request by the same policy, as it was decided, renewed or reviewed
  ///   last
  public Decision review(Decision.Admitted admitted, AuthRequest request, Policy policy) {
    return decide(request, policy, new JudgementMode.Review(admitted)).orElseThrow();
  }

  /// Why an attempt to sign in by something that people choose must not even be looked at: its
  /// address failed too often. Empty when it may go on.
  ///
  /// @param method which the sign-in is for
  public Optional<Refusal> mustWait(AuthRequest request, Method method) {
    return state
        .failedAttempts()
        .mustWait(request.peer())
        .map(
            wait ->
                state
                    .refusals()
                    .compose(
                        request,
                        Policy.accepting(method),
                        Rejections.throttled(wait),
                        RefusedCaller.by(method)));
  }

  /// The challenge of a method that the gate has, to whoever sent no credential.
  public Challenge challenge(Method method) {
    return Objects.requireNonNull(byMethod.get(method)).challenge(null);
  }

  /// The refusal of an attempt to sign in, counted against its address as a wrong credential is
  /// ([Outcome.Rejected#countsAsFailure]).
  ///
  /// @param method which the sign-in is for: a 401 carries its challenge
  public Refusal refuse(AuthRequest request, Outcome.Rejected rejected, Method method) {
    return state
        .refusals()
        .compose(
            request,
            Policy.accepting(method),
            state.failed(rejected, request),
            RefusedCaller.by(method));
  }

  /// The refusal of a request whose body can't be had, and which is not judged by a policy. If the
  /// body did not arrive, that counts against its address as a wrong credential does.
  public Refusal refuseUnread(AuthRequest request, RequestBody.Unreadable unreadable) {
    return state
        .refusals()
        .compose(
            request,
            Policy.openToAll(),
            state.failed(unreadable.rejected(), request),
            RefusedCaller.UNKNOWN);
  }

  /// The refusal of a request that was admitted for a body of some digest, and whose body has
  /// another ([Decision.Admitted#bodyDigest]): somebody changed it after it was signed.
  public Refusal refuseBody(AuthRequest request, Policy policy, Decision.Admitted admitted) {
    RefusedCaller signer = RefusedCaller.UNKNOWN;
    for (Decision.Proof proof : admitted.proofs()) {
      if (proof.accepted().bodyDigest() != null) {
        signer = RefusedCaller.proved(proof);
      }
    }
    return state
        .refusals()
        .compose(request, policy, state.failed(Rejections.OTHER_BODY, request), signer);
  }

  // Empty: it is not known without asking, and asking is not allowed.
  private Optional<Decision> decide(AuthRequest request, Policy policy, JudgementMode mode) {
    Outcome.Rejected misplaced = rejectMisplaced(request);
    if (misplaced != null) {
      return refuse(request, policy, misplaced);
    }
    if (policy.open() && policy.accept().isEmpty()) {
      return Optional.of(Decision.Admitted.ANONYMOUS);
    }
    FoundCredentials found = FoundCredentials.in(request, policy, authenticators);
    if (found.ambiguous() != null) {
      return refuse(request, policy, found.ambiguous());
    }
    Method first = found.first();
    if (first == null || found.isUpstreamParameter(policy)) {
      if (policy.open()) {
        return Optional.of(Decision.Admitted.ANONYMOUS);
      }
      // A scheme that no method here claims is a credential all the same, and it is said so.
      boolean otherScheme = !request.fields().values("Authorization").isEmpty();
      return refuse(
          request, policy, otherScheme ? Rejections.NOT_ACCEPTED : Rejections.NO_CREDENTIALS);
    }
    Optional<List<Method>> way = policy.alternativeFor(first, found.byMethod().keySet());
    if (way.isEmpty()) {
      return refuse(
          request,
          policy,
          policy.methods().contains(first) ? Rejections.MORE_NEEDED : Rejections.NOT_ACCEPTED);
    }
    return new Judgement(state, way.get(), found, request, policy, mode).decide();
  }

  private Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    for (Authenticator authenticator : authenticators) {
      Outcome.Rejected misplaced = authenticator.rejectMisplaced(request);
      if (misplaced != null) {
        return misplaced;
      }
    }
    return null;
  }

  private Optional<Decision> refuse(AuthRequest request, Policy policy, Outcome.Rejected rejected) {
    return Optional.of(
        new Decision.Refused(
            state.refusals().compose(request, policy, rejected, RefusedCaller.UNKNOWN)));
  }
}
