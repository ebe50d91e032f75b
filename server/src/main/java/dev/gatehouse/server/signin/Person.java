package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.account.Account;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.session.StoredSession;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Who is signed in at a browser, and by which session.
record Person(Account account, StoredSession session) {

  /// How long ago somebody may have been authenticated for what changes how they get in: linking
  /// and unlinking, and revoking keys. To end a session or tokens any sign-in will do.
  static final Duration RECENT_SIGN_IN_PERIOD = Duration.ofMinutes(15);

  /// How long ago a provider may have authenticated somebody who signs in for that: ten minutes are
  /// left then.
  static final Duration MAX_PROVIDER_AUTHENTICATION_AGE = Duration.ofMinutes(5);

  static final String NOT_SIGNED_IN = "Sign in: this is for people with a session";
  static final String NOT_SIGNED_IN_RECENTLY =
      "Sign in again: this takes a sign-in of the last 15 minutes";

  private static final Set<Reason> UNDECIDED =
      EnumSet.of(Reason.UNAVAILABLE, Reason.THROTTLED, Reason.CSRF);
  private static final Policy SESSION = Policy.accepting(Method.SESSION);

  /// Who sent the request; empty when nobody is signed in. Throws [RefusedException] when another
  /// site's page may have sent it, and when that can't be told now.
  static Optional<Person> at(AuthRequest request, Gate gate, Sessions sessions) {
    if (Sessions.csrfToken(request).isEmpty()) {
      return Optional.empty();
    }
    return switch (gate.recall(request, SESSION).orElseGet(() -> gate.admit(request, SESSION))) {
      case Decision.Admitted admitted ->
          // Read anew, and judged anew: what the gate recalled may be a moment old.
          sessions
              .of(request)
              .filter(sessions::isLive)
              .map(owned -> new Person(owned.owner(), owned.session()));
      // Who can't be asked about now is not nobody.
      case Decision.Refused(Refusal refusal) when UNDECIDED.contains(refusal.reason()) ->
          throw new RefusedException(refusal);
      case Decision.Refused refused -> Optional.empty();
    };
  }

  /// Leads a person to the sign-in. A program gets 401 with that detail: it would follow a redirect
  /// and take the page for the answer.
  ///
  /// @param signIn the address of the sign-in, which leads back
  static Reply signInFirst(FormRequest form, Gate gate, String detail, String signIn) {
    return form.wantsPage()
        ? Reply.seeOther(signIn)
        : new Reply.Refused(
            gate.refuse(
                form.request(),
                new Outcome.Rejected(Reason.NOT_AUTHENTICATED, detail, detail).uncounted(),
                Method.SESSION));
  }

  /// Whether the person was authenticated as recently as that. A session that began lately is no
  /// sign of it: a provider may have known the browser for days.
  boolean signedInRecently(Instant now) {
    Instant at = session.authenticatedAt();
    return at != null && now.isBefore(at.plus(RECENT_SIGN_IN_PERIOD));
  }
}
