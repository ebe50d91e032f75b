package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.RevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.throttle.SingleFlight;
import dev.gatehouse.usage.Usage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Decides who may pass, by whatever method the caller proves itself.
///
/// Two doors: [#recall] answers from memory and never blocks; [#admit] may wait for a store or a
/// slow hash. Ask the first, and the second when it does not know. Thread-safe.
public final class Gate {

  private static final int MAX_REMEMBERED = 100_000;

  // How often a credential is verified for one request, when each time something that it rests on
  // changes meanwhile.
  private static final int MAX_VERIFICATIONS = 3;

  private final List<Authenticator> authenticators;
  private final Map<Method, Authenticator> byMethod;
  private final Revocations revocations;
  private final AcceptedMemory memory;
  private final FailedAttempts failedAttempts;
  private final RateLimits rateLimits;
  private final Usage usage;
  private final Clock clock;

  // The verifications under way, by the memory key of their credential.
  private final SingleFlight<Digest, Asked> underWay = new SingleFlight<>();

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
    this.authenticators = List.copyOf(authenticators);
    this.byMethod = new EnumMap<>(Method.class);
    for (Authenticator authenticator : authenticators) {
      if (byMethod.put(authenticator.method(), authenticator) != null) {
        throw new IllegalArgumentException("two authenticators for " + authenticator.method());
      }
    }
    this.revocations = revocations;
    this.memory = new AcceptedMemory(revocations, MAX_REMEMBERED, ticker);
    this.failedAttempts = failedAttempts;
    this.rateLimits = new RateLimits(ticker);
    this.usage = usage;
    this.clock = clock;
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
    return Optional.ofNullable(decide(request, policy, Door.Recall.INSTANCE));
  }

  /// The decision. May block on a store or on a slow hash: call it where blocking is cheap.
  ///
  /// What is accepted once is reserved last, when nothing else stands against the request. It
  /// counts, unless the caller releases it: see [Decision.Admitted#singleUse].
  public Decision admit(AuthRequest request, Policy policy) {
    return Objects.requireNonNull(decide(request, policy, Door.Admit.INSTANCE));
  }

  /// What [#admit] may have to wait for: a server keeps places for requests that wait for less.
  public enum Wait {
    STORE,
    /// Somebody else's answer over the network.
    ISSUER,
    /// The request's own body.
    BODY,
    SLOW_HASH
  }

  /// The longest that [#admit] may have to wait for. Parses only.
  public Wait waitsFor(AuthRequest request, Policy policy) {
    Wait longest = Wait.STORE;
    for (Authenticator authenticator : authenticators) {
      if (authenticator.find(request, policy) instanceof Presented.Credential credential) {
        if (credential.isSlow()) {
          return Wait.SLOW_HASH;
        }
        if (credential.readsBody()) {
          longest = Wait.BODY;
        } else if (credential.asksIssuer() && longest == Wait.STORE) {
          longest = Wait.ISSUER;
        }
      }
    }
    return longest;
  }

  /// Whether [#admit] may read the body ([RequestBody#bytes]): nothing else may take any of it
  /// before. Parses only.
  public boolean mayReadBody(AuthRequest request, Policy policy) {
    return authenticators.stream()
        .anyMatch(
            authenticator ->
                authenticator.find(request, policy) instanceof Presented.Credential credential
                    && credential.readsBody());
  }

  /// Checks an admission again while its stream or WebSocket is open. Never blocks.
  ///
  /// Call it more often than the feed's names are kept: each answer reaches back only to the one
  /// before.
  ///
  /// @return the admission to check next time; empty when it no longer holds, or when the feed has
  ///   fallen silent
  public Optional<Decision.Admitted> renew(Decision.Admitted admitted, AuthRequest request) {
    long stamp = revocations.stamp();
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
      if (!memory.counts(proof)) {
        return false;
      }
    }
    return meetConditions(admitted, request);
  }

  /// As [#holds], for an admission that [#review] gave a moment ago. It rests on the stores and not
  /// on the feed, and so it holds while the feed is silent. Never blocks.
  public boolean holdsReviewed(Decision.Admitted admitted, AuthRequest request) {
    return admitted.proofs().stream().noneMatch(memory::isOutdated)
        && meetConditions(admitted, request);
  }

  private boolean meetConditions(Decision.Admitted admitted, AuthRequest request) {
    Instant now = clock.instant();
    for (Decision.Proof proof : admitted.proofs()) {
      if (proof.accepted().conditions().brokenBy(request, now) != null) {
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
    return Objects.requireNonNull(decide(request, policy, new Door.Review(admitted)));
  }

  /// Why an attempt to sign in by something that people choose must not even be looked at: its
  /// address failed too often. Empty when it may go on.
  ///
  /// @param method which the sign-in is for
  public Optional<Refusal> mustWait(AuthRequest request, Method method) {
    return failedAttempts
        .mustWait(request.peer())
        .map(
            wait ->
                refusal(
                    request, Policy.accepting(method), throttled(wait), RefusedCaller.by(method)));
  }

  /// The challenge of a method that the gate has, to whoever sent no credential.
  public Challenge challenge(Method method) {
    return Objects.requireNonNull(byMethod.get(method)).challenge(null);
  }

  /// The refusal of an attempt to sign in, counted against its address as a wrong credential is
  /// ([Outcome.Rejected#counts]).
  ///
  /// @param method which the sign-in is for: a 401 carries its challenge
  public Refusal refuse(AuthRequest request, Outcome.Rejected rejected, Method method) {
    return refusal(
        request, Policy.accepting(method), failed(rejected, request), RefusedCaller.by(method));
  }

  /// The refusal of a request whose body can't be had, and which is not judged by a policy. If the
  /// body did not arrive, that counts against its address as a wrong credential does.
  public Refusal refuseUnread(AuthRequest request, RequestBody.Unreadable unreadable) {
    return refusal(
        request, Policy.openToAll(), failed(unreadable.rejected(), request), RefusedCaller.UNKNOWN);
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
    return refusal(request, policy, failed(OTHER_BODY, request), signer);
  }

  private sealed interface Door {

    /// Nothing may be waited for.
    record Recall() implements Door {
      static final Recall INSTANCE = new Recall();
    }

    record Admit() implements Door {
      static final Admit INSTANCE = new Admit();
    }

    /// @param admitted what is judged anew
    record Review(Decision.Admitted admitted) implements Door {}
  }

  // Null: not known, and asking was not allowed.
  private @Nullable Decision decide(AuthRequest request, Policy policy, Door door) {
    Outcome.Rejected misplaced = misplaced(request);
    if (misplaced != null) {
      return refuse(request, policy, misplaced, RefusedCaller.UNKNOWN);
    }
    if (policy.open() && policy.accept().isEmpty()) {
      return Decision.Admitted.ANONYMOUS;
    }
    Found found = find(request, policy);
    if (found.ambiguous != null) {
      return refuse(request, policy, found.ambiguous, RefusedCaller.UNKNOWN);
    }
    Method first = found.first;
    if (first == null || isUpstreamsOwn(found, policy)) {
      if (policy.open()) {
        return Decision.Admitted.ANONYMOUS;
      }
      // A scheme that no method here claims is a credential all the same, and it is said so.
      boolean otherScheme = !request.fields().values("Authorization").isEmpty();
      return refuse(
          request, policy, otherScheme ? NOT_ACCEPTED : NO_CREDENTIALS, RefusedCaller.UNKNOWN);
    }
    Optional<List<Method>> way = policy.wayFor(first, found.byMethod.keySet());
    if (way.isEmpty()) {
      return refuse(
          request,
          policy,
          policy.methods().contains(first) ? MORE_NEEDED : NOT_ACCEPTED,
          RefusedCaller.UNKNOWN);
    }
    return new Entry(way.get(), found, request, policy, door).decide();
  }

  // A parameter that only has the name of a credential, of a method that the route does not take.
  private static boolean isUpstreamsOwn(Found found, Policy policy) {
    return found.byMethod.get(found.first)
            instanceof Presented.Malformed(Carrier carrier, Outcome.Rejected why)
        && carrier == Carrier.QUERY
        && !policy.methods().contains(found.first);
  }

  private Outcome.@Nullable Rejected misplaced(AuthRequest request) {
    for (Authenticator authenticator : authenticators) {
      Outcome.Rejected misplaced = authenticator.misplaced(request);
      if (misplaced != null) {
        return misplaced;
      }
    }
    return null;
  }

  private record Found(
      Map<Method, Presented> byMethod,
      @Nullable Method first,
      Outcome.@Nullable Rejected ambiguous) {}

  private Found find(AuthRequest request, Policy policy) {
    Map<Method, Presented> byMethod = new EnumMap<>(Method.class);
    Method first = null;
    Carrier firstCarrier = null;
    Set<Carrier> claimed = EnumSet.noneOf(Carrier.class);
    for (Authenticator authenticator : authenticators) {
      Carrier carrier;
      Presented presented = authenticator.find(request, policy);
      switch (presented) {
        case Presented.None none -> {
          continue;
        }
        case Presented.Malformed malformed -> carrier = malformed.carrier();
        case Presented.Credential credential -> carrier = credential.carrier();
      }
      byMethod.put(authenticator.method(), presented);
      if (!claimed.add(carrier)) {
        return new Found(byMethod, first, TWO_CLAIMS);
      }
      if (firstCarrier == null || carrier.compareTo(firstCarrier) < 0) {
        first = authenticator.method();
        firstCarrier = carrier;
      }
    }
    // RFC 9110 §11.6.2: Authorization is no list; which of two counts would be a guess.
    boolean twice = request.fields().values("Authorization").size() > 1;
    return new Found(byMethod, first, twice ? TWO_AUTHORIZATIONS : null);
  }

  /// A request on its way in, and what it has proved so far.
  private final class Entry {

    private final List<Method> way;
    private final Found found;
    private final AuthRequest request;
    private final Policy policy;
    private final Door door;
    private final List<Decision.Proof> proofs;

    Entry(List<Method> way, Found found, AuthRequest request, Policy policy, Door door) {
      this.way = way;
      this.found = found;
      this.request = request;
      this.policy = policy;
      this.door = door;
      this.proofs = new ArrayList<>(way.size());
    }

    // Null: not known, and asking was not allowed.
    @Nullable Decision decide() {
      for (int i = 0; i < way.size(); i++) {
        switch (prove(i)) {
          case null -> {
            return null;
          }
          case Answer.NotProved(Outcome.Rejected rejected) -> {
            return refuse(rejected, RefusedCaller.by(way.get(i)));
          }
          case Answer.Proved(Decision.Proof proof) -> proofs.add(proof);
        }
        Decision unfit = unfit();
        if (unfit != null) {
          return unfit;
        }
      }
      if (!(door instanceof Door.Recall)) {
        Decision outdated = afterWaiting();
        if (outdated != null) {
          return outdated;
        }
      }
      if (mayBeForged()) {
        return refuse(FORGED, RefusedCaller.proved(proofs.getFirst()));
      }
      Decision.Proof single = door instanceof Door.Review ? null : Decision.Admitted.single(proofs);
      SingleUse singleUse = single == null ? null : single.accepted().singleUse();
      return single == null || singleUse == null || lacking() != null
          ? judge()
          : reserveAndJudge(single, singleUse);
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
        return refuse(notProved(refused, request, door), RefusedCaller.proved(single));
      }
      Decision decision = null;
      try {
        Decision outdated = afterWaiting();
        decision = outdated == null ? judge() : outdated;
        return decision;
      } finally {
        if (!(decision instanceof Decision.Admitted)) {
          singleUse.release();
        }
      }
    }

    // To verify a credential and to reserve a use take time, in which the other credentials may
    // have been revoked or changed, or may have ended. What was named meanwhile is verified again,
    // and all conditions are judged again: no acceptance from before a revocation admits a request
    // after that revocation was heard. Null when all proofs hold.
    private @Nullable Decision afterWaiting() {
      for (int verifications = 1; ; verifications++) {
        boolean outdated = false;
        for (int i = 0; i < proofs.size(); i++) {
          Decision.Proof before = proofs.get(i);
          if (!memory.isOutdated(before)) {
            continue;
          }
          outdated = true;
          Answer answer =
              verifications == MAX_VERIFICATIONS
                  ? answer(new Asked(KEEPS_CHANGING, before.stamp()))
                  : proveAgain(i, before.accepted());
          switch (answer) {
            case Answer.NotProved(Outcome.Rejected rejected) -> {
              return refuse(rejected, RefusedCaller.by(way.get(i)));
            }
            case Answer.Proved(Decision.Proof proof) -> proofs.set(i, proof);
          }
        }
        if (!outdated) {
          return unfit();
        }
      }
    }

    // Why the proofs do not stand together here and now; null when they do.
    private @Nullable Decision unfit() {
      Instant now = clock.instant();
      Decision.Proof first = proofs.getFirst();
      for (int i = 0; i < proofs.size(); i++) {
        Decision.Proof proof = proofs.get(i);
        Outcome.Rejected broken = proof.accepted().conditions().brokenBy(request, now);
        if (broken != null) {
          return refuse(broken, RefusedCaller.proved(proof));
        }
        if (!sameSubject(first, proof)) {
          return refuse(DIFFERENT_CALLERS, RefusedCaller.proved(proof));
        }
        if (door instanceof Door.Review(Decision.Admitted before)
            && before.proofs().stream().anyMatch(earlier -> !sameSubject(earlier, proof))) {
          return refuse(OTHER_CALLER_NOW, RefusedCaller.proved(proof));
        }
        for (int j = 0; j < i; j++) {
          Decision.Proof before = proofs.get(j);
          if (!proof.accepted().root().isOtherThan(before.accepted().root())) {
            return refuse(oneCredential(before, proof), RefusedCaller.proved(proof));
          }
        }
      }
      return null;
    }

    // A credential that a program wrote into the request shows that the request was meant. A
    // browser
    // adds others by itself: they show nothing, also when there are two of them.
    private boolean mayBeForged() {
      for (Method method : way) {
        if (method.ambience() == Method.Ambience.NEVER) {
          return false;
        }
      }
      CrossSite.Sign token = csrfToken();
      boolean forged = false;
      for (Method method : way) {
        forged |= CrossSite.mayHaveSent(request, token, method.ambience());
      }
      return forged;
    }

    // A token that is not the one of its credential contradicts any other sign, also where that
    // credential is not the one that is judged. A right token counts for a verified credential
    // alone.
    private CrossSite.Sign csrfToken() {
      CrossSite.Sign token = CrossSite.Sign.NONE;
      for (Map.Entry<Method, Presented> each : found.byMethod.entrySet()) {
        if (each.getValue() instanceof Presented.Credential credential) {
          switch (credential.csrfToken()) {
            case OTHER -> {
              return CrossSite.Sign.OTHER;
            }
            case OWN -> token = way.contains(each.getKey()) ? CrossSite.Sign.OWN : token;
            case NONE -> {
              // says nothing
            }
          }
        }
      }
      return token;
    }

    private Decision judge() {
      if (!(door instanceof Door.Review)) {
        for (Decision.Proof proof : proofs) {
          Outcome.Rejected overused = overused(proof, true);
          if (overused != null) {
            return refuse(overused, RefusedCaller.proved(proof));
          }
          Principal principal = proof.accepted().principal();
          usage.note(principal, policy.countedUnder(principal.method()), clock.millis());
        }
      }
      Outcome.Rejected lacking = lacking();
      return lacking == null
          ? new Decision.Admitted(proofs)
          : refuse(lacking, RefusedCaller.proved(proofs.getFirst()));
    }

    private Outcome.@Nullable Rejected lacking() {
      return Gate.lacking(proofs, request, policy);
    }

    // Null: not in memory, and asking was not allowed.
    private @Nullable Answer prove(int i) {
      return switch (presented(i)) {
        case Presented.None none -> throw new AssertionError("only what is present is proved");
        case Presented.Malformed malformed ->
            new Answer.NotProved(failed(malformed.rejection(), request));
        case Presented.Credential credential -> {
          Digest key = credential.memoryKey();
          Decision.Proof recalled = key == null ? null : memory.recall(key);
          if (recalled != null) {
            yield new Answer.Proved(recalled);
          }
          yield door instanceof Door.Recall ? null : ask(i, credential, key);
        }
      };
    }

    private Presented presented(int i) {
      return Objects.requireNonNull(found.byMethod.get(way.get(i)));
    }

    // Good credentials that can't be guessed pass, whatever others at their address do. What costs
    // much and may be a guess is not even looked at: a password, or a token to ask an issuer about.
    private Answer ask(int i, Presented.Credential credential, @Nullable Digest memoryKey) {
      if (credential.isThrottled() && !(door instanceof Door.Review)) {
        Optional<Duration> wait = failedAttempts.mustWait(request.peer());
        if (wait.isPresent()) {
          return new Answer.NotProved(throttled(wait.get()));
        }
      }
      if (memoryKey != null) {
        return answer(share(credential, memoryKey));
      }
      return answer(
          door instanceof Door.Review(Decision.Admitted admitted)
              ? Gate.this.ask(
                  () -> credential.verifyAgain(admitted.proofs().get(i).accepted().principal()))
              : Gate.this.ask(credential::verify));
    }

    // Its body must still have the digest that was signed, and its single use is the one that is to
    // be reserved, or was.
    private Answer proveAgain(int i, Outcome.Accepted before) {
      if (!(presented(i) instanceof Presented.Credential credential)) {
        throw new AssertionError("only a credential was proved");
      }
      Digest memoryKey = credential.memoryKey();
      return answer(
          memoryKey != null
              ? share(credential, memoryKey)
              : Gate.this.ask(
                  () -> {
                    Outcome outcome = credential.verifyAgain(before.principal());
                    return outcome instanceof Outcome.Accepted again
                        ? again.inPlaceOf(before)
                        : outcome;
                  }));
    }

    private Answer answer(Asked asked) {
      return asked.outcome instanceof Outcome.Accepted accepted
          ? new Answer.Proved(new Decision.Proof(accepted, asked.stamp))
          : new Answer.NotProved(notProved(asked.outcome, request, door));
    }

    private Decision.Refused refuse(Outcome.Rejected rejected, RefusedCaller caller) {
      return Gate.this.refuse(request, policy, rejected, caller);
    }
  }

  // Why the caller may not do that on this route; null when it may.
  private static Outcome.@Nullable Rejected lacking(
      List<Decision.Proof> proofs, AuthRequest request, Policy policy) {
    Principal principal = proofs.getFirst().accepted().principal();
    Scopes required = policy.required(request.method()).orElse(null);
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

  // Why the credential may not be used again so soon; null when it may.
  private Outcome.@Nullable Rejected overused(Decision.Proof proof, boolean takeUse) {
    Integer perMinute = proof.accepted().conditions().requestsPerMinute();
    if (perMinute == null) {
      return null;
    }
    String credential = proof.accepted().principal().credential();
    Duration wait =
        takeUse
            ? rateLimits.take(credential, perMinute)
            : rateLimits.mustWait(credential, perMinute);
    return wait.isZero()
        ? null
        : new Outcome.Rejected(
            Reason.THROTTLED,
            "This credential may be used " + perMinute + " times a minute",
            "the rate limit of " + credential,
            wait);
  }

  private sealed interface Answer {
    record Proved(Decision.Proof proof) implements Answer {}

    record NotProved(Outcome.Rejected rejected) implements Answer {}
  }

  private Outcome.Rejected notProved(Outcome outcome, AuthRequest request, Door door) {
    return switch (outcome) {
      case Outcome.Accepted accepted -> throw new AssertionError("that is a proof: " + accepted);
      case Outcome.Rejected rejected ->
          door instanceof Door.Review ? rejected : failed(rejected, request);
      case Outcome.Unavailable unavailable ->
          new Outcome.Rejected(
              Reason.UNAVAILABLE,
              "The credential could not be verified now",
              FailureText.of(unavailable.cause()),
              unavailable.retryAfter());
    };
  }

  /// What a credential's verification answered.
  ///
  /// @param stamp taken before the question: see [Revocations]
  private record Asked(Outcome outcome, long stamp) {}

  private Asked ask(Supplier<Outcome> question) {
    long stamp = revocations.stamp();
    return new Asked(question.get(), stamp);
  }

  // The same credential, sent many times at once, is verified once for all these requests.
  private Asked share(Presented.Credential credential, Digest memoryKey) {
    return underWay.answer(
        memoryKey, () -> recalledOrVerified(credential, memoryKey), this::isUsable);
  }

  private Asked recalledOrVerified(Presented.Credential credential, Digest memoryKey) {
    // The verification that ended just before may have been this credential's.
    Decision.Proof recalled = memory.recall(memoryKey);
    if (recalled != null) {
      return new Asked(recalled.accepted(), recalled.stamp());
    }
    Asked asked = ask(credential::verify);
    if (asked.outcome instanceof Outcome.Accepted accepted) {
      memory.remember(memoryKey, new Decision.Proof(accepted, asked.stamp));
    }
    return asked;
  }

  // An acceptance from before this request counts as a remembered one does. A refusal from before
  // it may be older than the credential, since no feed names what is new. What says no more than
  // "not now" was said to another caller.
  private boolean isUsable(Asked asked, SingleFlight.Begun begun) {
    return switch (asked.outcome) {
      case Outcome.Accepted accepted ->
          begun == SingleFlight.Begun.SINCE
              || memory.counts(new Decision.Proof(accepted, asked.stamp));
      case Outcome.Rejected rejected ->
          begun == SingleFlight.Begun.SINCE && rejected.reason().status() == 401;
      case Outcome.Unavailable unavailable -> true;
    };
  }

  // A guess counts against its address; over the limit, that is all it is told.
  private Outcome.Rejected failed(Outcome.Rejected rejected, AuthRequest request) {
    return rejected.counts()
        ? failedAttempts.count(request.peer()).map(Gate::throttled).orElse(rejected)
        : rejected;
  }

  /// What is known of a caller that is refused.
  ///
  /// @param by the method that the refusal is about; null: none in particular
  /// @param credential the public id of a credential that was verified; null: there is none
  private record RefusedCaller(@Nullable Method by, @Nullable String credential) {

    private static final RefusedCaller UNKNOWN = new RefusedCaller(null, null);

    private static RefusedCaller by(Method method) {
      return new RefusedCaller(method, null);
    }

    private static RefusedCaller proved(Decision.Proof proof) {
      Principal principal = proof.accepted().principal();
      return new RefusedCaller(principal.method(), principal.credential());
    }
  }

  private Decision.Refused refuse(
      AuthRequest request, Policy policy, Outcome.Rejected rejected, RefusedCaller caller) {
    return new Decision.Refused(refusal(request, policy, rejected, caller));
  }

  private Refusal refusal(
      AuthRequest request, Policy policy, Outcome.Rejected rejected, RefusedCaller caller) {
    Method by = caller.by;
    Reason reason = rejected.reason();
    List<Challenge> challenges = new ArrayList<>();
    Map<String, String> challengeFields = new LinkedHashMap<>();
    if (reason.status() == 401) {
      for (Method method : policy.methods()) {
        Authenticator authenticator = byMethod.get(method);
        if (authenticator != null && !(method == Method.BASIC && opensDialogue(request, policy))) {
          add(challenges, authenticator.challenge(request, method == by ? reason : null));
          challengeFields.putAll(authenticator.challengeFields(policy));
        }
      }
      // RFC 9110 §15.5.2: a 401 has a challenge; there is none for a route that nobody can pass.
      if (challenges.isEmpty()) {
        throw new IllegalArgumentException(
            "the policy accepts " + policy.methods() + ", and this gate proves none of them");
      }
    } else if (reason == Reason.INSUFFICIENT_SCOPE && by != null) {
      Objects.requireNonNull(byMethod.get(by))
          .lacking(policy.required(request.method()).orElse(null))
          .ifPresent(challenges::add);
    }
    Set<Method> methods = policy.methods();
    String sentence =
        reason == Reason.NO_CREDENTIALS && methods.size() == 1
            ? methods.iterator().next().requiredSentence()
            : reason.sentence();
    Refusal refusal =
        new Refusal(
            RandomIds.next(Refusal.ID_PREFIX),
            reason,
            sentence,
            rejected.detail(),
            rejected.cause(),
            List.copyOf(challenges),
            rejected.retryAfter(),
            isMendedBySignIn(request, policy, reason),
            challengeFields,
            rejected.explanation());
    refusal.record(request, caller.credential);
    return refusal;
  }

  // Methods that share a scheme share its challenge: of two, a client would read one.
  private static void add(List<Challenge> challenges, Challenge challenge) {
    for (int i = 0; i < challenges.size(); i++) {
      if (challenges.get(i).scheme().equalsIgnoreCase(challenge.scheme())) {
        challenges.set(i, challenges.get(i).and(challenge));
        return;
      }
    }
    challenges.add(challenge);
  }

  // Where a session would do, no page's script makes the browser ask for a password.
  private boolean opensDialogue(AuthRequest request, Policy policy) {
    return sessionOf(policy) != null && Browsing.isScript(request);
  }

  // Who has a session and lacks something else is not sent to get another session, for ever.
  private boolean isMendedBySignIn(AuthRequest request, Policy policy, Reason reason) {
    Authenticator session = sessionOf(policy);
    return session != null
        && Browsing.isNavigation(request)
        && (reason == Reason.NOT_AUTHENTICATED
            || (reason == Reason.NO_CREDENTIALS
                && session.find(request, policy) instanceof Presented.None));
  }

  // Null: no session opens this route.
  private @Nullable Authenticator sessionOf(Policy policy) {
    return policy.methods().contains(Method.SESSION) ? byMethod.get(Method.SESSION) : null;
  }

  private static boolean sameSubject(Decision.Proof one, Decision.Proof other) {
    return one.accepted().principal().subject().equals(other.accepted().principal().subject());
  }

  // Otherwise one stolen secret would pass where two are asked for: a token is had for the key.
  private static Outcome.Rejected oneCredential(Decision.Proof before, Decision.Proof proof) {
    return new Outcome.Rejected(
        Reason.METHOD_NOT_ACCEPTED,
        "Two credentials of this request rest on the same one, as a token and the key that it was"
            + " obtained with: replace one of them",
        basis(proof) + ", and " + basis(before));
  }

  private static String basis(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return principal.method()
        + " "
        + principal.credential()
        + " rests on "
        + proof.accepted().root();
  }

  private static Outcome.Rejected throttled(Duration wait) {
    return new Outcome.Rejected(
        Reason.THROTTLED,
        "Too many failed attempts came from this address",
        "failed attempts of this address",
        wait);
  }

  private static final Outcome.Unavailable KEEPS_CHANGING =
      new Outcome.Unavailable(
          new StoreUnavailableException(
              "what the credential rests on changed each time it was verified", null));
  private static final Outcome.Rejected NO_CREDENTIALS =
      new Outcome.Rejected(
          Reason.NO_CREDENTIALS,
          "The request holds no credentials; WWW-Authenticate says which this route accepts",
          "no credentials");
  private static final Outcome.Rejected MORE_NEEDED =
      new Outcome.Rejected(
          Reason.NO_CREDENTIALS,
          "This route needs another credential beside that one",
          "not every method of an all-of");
  private static final Outcome.Rejected NOT_ACCEPTED =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "Send a credential of a method that this route accepts",
          "a method that the route does not accept came first");
  private static final Outcome.Rejected TWO_CLAIMS =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "Two credentials stand in one place",
          "two methods claim one place");
  private static final Outcome.Rejected TWO_AUTHORIZATIONS =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "The Authorization field is there more than once",
          "two Authorization fields");
  private static final Outcome.Rejected OTHER_BODY =
      new Outcome.Rejected(
          Reason.INVALID_SIGNATURE,
          "The body is not the one whose digest was signed: hash the very bytes that are sent",
          "the body has another digest than the one that was signed");
  private static final Outcome.Rejected FORGED =
      new Outcome.Rejected(
          Reason.CSRF,
          "Another site's page may have made the browser send this: send the session's"
              + " X-CSRF-Token, from a page of this origin",
          "an ambient credential; Origin, Sec-Fetch-Site and X-CSRF-Token do not show that a page of"
              + " this origin sent the request, or contradict each other");
  private static final Outcome.Rejected OTHER_CALLER_NOW =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "The credential belongs to another caller than when the request began: send it again",
          "the credential was registered for or linked with another account meanwhile");
  private static final Outcome.Rejected DIFFERENT_CALLERS =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "The credentials of this request belong to different callers",
          "all-of named different subjects");
}
