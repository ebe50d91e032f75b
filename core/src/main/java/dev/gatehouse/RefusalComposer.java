package dev.gatehouse;

import dev.gatehouse.secret.RandomIds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the refusal for a client from a rejection: it adds the challenges and the sentence, and
/// says whether a sign-in may help. It records each refusal. Thread-safe; does not block.
final class RefusalComposer {

  /// What is known about a caller that is refused.
  ///
  /// @param by the method that the refusal is about; null: none in particular
  /// @param credential the public id of a credential that was verified; null: none was
  record RefusedCaller(@Nullable Method by, @Nullable String credential) {

    static final RefusedCaller UNKNOWN = new RefusedCaller(null, null);

    static RefusedCaller by(Method method) {
      return new RefusedCaller(method, null);
    }

    static RefusedCaller proved(Decision.Proof proof) {
      Principal principal = proof.accepted().principal();
      return new RefusedCaller(principal.method(), principal.credential());
    }
  }

  private final Map<Method, Authenticator> authenticators;

  /// @param authenticators the authenticators, which give the challenges of their methods
  RefusalComposer(Map<Method, Authenticator> authenticators) {
    this.authenticators = authenticators;
  }

  /// Returns the refusal of that request, and records it. Throws [IllegalArgumentException] if a
  /// 401 would have no challenge.
  ///
  /// @param policy the policy whose methods a 401 names
  Refusal compose(
      AuthRequest request, Policy policy, Outcome.Rejected rejected, RefusedCaller caller) {
    Method by = caller.by;
    Reason reason = rejected.reason();
    List<Challenge> challenges = new ArrayList<>();
    Map<String, String> challengeFields = new LinkedHashMap<>();
    if (reason.status() == 401) {
      for (Method method : policy.methods()) {
        Authenticator authenticator = authenticators.get(method);
        if (authenticator != null && !(method == Method.BASIC && opensDialogue(request, policy))) {
          add(challenges, authenticator.challenge(request, method == by ? reason : null));
          challengeFields.putAll(authenticator.challengeFields(policy));
        }
      }
      // RFC 9110 §15.5.2: a 401 has a challenge; there is none for a route that no caller can pass.
      if (challenges.isEmpty()) {
        throw new IllegalArgumentException(
            "the policy accepts " + policy.methods() + ", and this gate proves none of them");
      }
    } else if (reason == Reason.INSUFFICIENT_SCOPE && by != null) {
      Objects.requireNonNull(authenticators.get(by))
          .insufficientScope(policy.requiredScopes(request.method()).orElse(null))
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
            wouldSignInHelp(request, policy, reason),
            challengeFields,
            rejected.explanation());
    refusal.record(request, caller.credential);
    return refusal;
  }

  // Methods with the same scheme share a challenge, since a client would read only one of two.
  private static void add(List<Challenge> challenges, Challenge challenge) {
    for (int i = 0; i < challenges.size(); i++) {
      if (challenges.get(i).scheme().equalsIgnoreCase(challenge.scheme())) {
        challenges.set(i, challenges.get(i).mergedWith(challenge));
        return;
      }
    }
    challenges.add(challenge);
  }

  // Where the route accepts a session, the script of a page must not make the browser ask for a
  // password.
  private boolean opensDialogue(AuthRequest request, Policy policy) {
    return sessionOf(policy) != null && BrowserDetection.isScript(request);
  }

  // A person who has a session but lacks something else is not sent to get another session.
  private boolean wouldSignInHelp(AuthRequest request, Policy policy, Reason reason) {
    Authenticator session = sessionOf(policy);
    return session != null
        && BrowserDetection.isNavigation(request)
        && (reason == Reason.NOT_AUTHENTICATED
            || (reason == Reason.NO_CREDENTIALS
                && session.find(request, policy) instanceof Presented.None));
  }

  // Null: the route accepts no session.
  private @Nullable Authenticator sessionOf(Policy policy) {
    return policy.methods().contains(Method.SESSION) ? authenticators.get(Method.SESSION) : null;
  }
}
