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

/// Authenticates the caller of a request and decides whether it may pass.
///
/// [#recall] answers from memory and never blocks. [#admit] may wait for a store or a slow hash.
/// Ask [#recall] first, and [#admit] only if it does not know the answer. Thread-safe.
///
/// The gate fails closed: if a store or an issuer is unavailable, it refuses with 503. A decision
/// is about one request and must not be used for another one.
public final class Gate {

  private final List<Authenticator> authenticators;
  private final Map<Method, Authenticator> byMethod;
  private final GateState state;

  /// @param authenticators one for each method that is in use; throws [IllegalArgumentException] if
  ///   two are for one method
  /// @param usage counts who was authenticated by which method
  /// @param clock the time by which expiry is judged
  /// @param ticker the time by which the gate forgets what it remembers, and by which rates refill
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

  /// Returns a gate for stores that are in this process, with the system's clock.
  ///
  /// @param feed the feed to which those stores write; the gate forgets at once what it names
  /// @param failedAttemptsPerMinute how many wrong credentials an address may send in a minute
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

  /// Returns the header fields in which the gate's methods find credentials: see
  /// [Authenticator#fields()].
  public Set<String> credentialFields() {
    return authenticators.stream()
        .flatMap(authenticator -> authenticator.fields().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Returns the `Authorization` schemes of the gate's methods: see [Authenticator#schemes()].
  public Set<String> credentialSchemes() {
    return authenticators.stream()
        .flatMap(authenticator -> authenticator.schemes().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Decides if that is possible from memory alone. Never blocks. Counts as [#admit] does, if it
  /// decides.
  ///
  /// @return empty if [#admit] must be asked
  public Optional<Decision> recall(AuthRequest request, Policy policy) {
    return decide(request, policy, JudgementMode.Recall.INSTANCE);
  }

  /// Decides. May block on a store, an issuer, the request's body or a slow hash, so call it from a
  /// thread that may block.
  ///
  /// A credential that is accepted only once is reserved last, when there is nothing else against
  /// the request. Its use counts unless the caller releases it: see [Decision.Admitted#singleUse].
  ///
  /// @throws RequestBody.Unreadable if a method signs the body and the body cannot be read
  public Decision admit(AuthRequest request, Policy policy) {
    return decide(request, policy, JudgementMode.Admit.INSTANCE).orElseThrow();
  }

  /// What [#admit] may have to wait for. A server can limit the requests that wait for each of
  /// these separately.
  public sealed interface Wait {

    /// A wait that needs no other party.
    enum Here implements Wait {
      STORE,
      /// The request's own body.
      BODY,
      SLOW_HASH
    }

    /// The answer of that issuer over the network.
    record OnIssuer(String issuer) implements Wait {}
  }

  /// Returns the longest wait that [#admit] may have for this request. Parses only; never blocks.
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

  /// Whether [#admit] may read the body ([RequestBody#bytes]). If so, nothing else may consume any
  /// of it before. Parses only; never blocks.
  public boolean mayReadBody(AuthRequest request, Policy policy) {
    return judged(request, policy).stream().anyMatch(Presented.Credential::readsBody);
  }

  private List<Presented.Credential> judged(AuthRequest request, Policy policy) {
    return FoundCredentials.in(request, policy, authenticators).judged(policy);
  }

  /// Checks an admission again while its stream or WebSocket is open. Never blocks.
  ///
  /// Each answer covers the time since the one before. So call it at shorter intervals than the
  /// feed's names are remembered.
  ///
  /// @return the admission to check the next time; empty if it no longer holds, or if the feed was
  ///   not read for too long
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

  /// Whether an admission still holds: nothing that it rests on was revoked or changed since the
  /// decision, the feed was read recently, and its conditions are met now. Call it just before the
  /// request takes effect, if anything was waited for since the decision. Never blocks.
  ///
  /// @return false if [#review] must be asked
  public boolean holds(Decision.Admitted admitted, AuthRequest request) {
    for (Decision.Proof proof : admitted.proofs()) {
      if (!state.verifications().counts(proof)) {
        return false;
      }
    }
    return meetConditions(admitted, request);
  }

  /// As [#holds], for an admission that [#review] has just returned. That admission rests on the
  /// stores rather than on the feed, so it also holds if the feed cannot be read. Never blocks.
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

  /// Judges a request again whose admission no longer holds ([#holds], [#renew]). Each proof is
  /// bound to its credential and to the caller that it proved: if the same credential proves
  /// another caller now, the request is refused. May block.
  ///
  /// The request was counted when it was admitted. So it takes no further use of a rate, and failed
  /// attempts of its address do not count against it. The one exception is a password that must be
  /// hashed again, which is an attempt like any other.
  ///
  /// @param admitted the admission of the same request by the same policy, as it was last decided,
  ///   renewed or reviewed
  public Decision review(Decision.Admitted admitted, AuthRequest request, Policy policy) {
    return decide(request, policy, new JudgementMode.Review(admitted)).orElseThrow();
  }

  /// Returns the refusal of a sign-in with a secret that people choose, because its address had too
  /// many failed attempts; empty if the sign-in may proceed. Never blocks.
  ///
  /// @param method the method that the sign-in is for
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

  /// Returns the challenge of a method for a caller that sent no credential. Throws
  /// [NullPointerException] if the gate does not have that method.
  public Challenge challenge(Method method) {
    return Objects.requireNonNull(byMethod.get(method)).challenge(null);
  }

  /// Returns the refusal of an attempt to sign in. It counts against the address as a wrong
  /// credential does ([Outcome.Rejected#countsAsFailure]).
  ///
  /// @param method the method that the sign-in is for; a 401 has its challenge
  public Refusal refuse(AuthRequest request, Outcome.Rejected rejected, Method method) {
    return state
        .refusals()
        .compose(
            request,
            Policy.accepting(method),
            state.failed(rejected, request),
            RefusedCaller.by(method));
  }

  /// Returns the refusal of a request whose body cannot be read, and which is not judged by a
  /// policy. If the body did not arrive, this counts against the address as a wrong credential
  /// does.
  public Refusal refuseUnread(AuthRequest request, RequestBody.Unreadable unreadable) {
    return state
        .refusals()
        .compose(
            request,
            Policy.openToAll(),
            state.failed(unreadable.rejected(), request),
            RefusedCaller.UNKNOWN);
  }

  /// Returns the refusal of a request that was admitted for a body with a certain digest
  /// ([Decision.Admitted#bodyDigest]), and whose body has another one: it was changed after it was
  /// signed.
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

  // Empty: the answer is not in memory, and asking is not allowed.
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
      // A scheme of no method is still a credential, so the caller is told that it is not accepted.
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
