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

/// The person who is signed in at a browser, and the session.
record Person(Account account, StoredSession session) {

  /// How long ago the person may have been authenticated at most, for changes to ways of signing
  /// in: linking and unlinking, and revoking keys. Ending a session or tokens needs no recent
  /// sign-in.
  static final Duration RECENT_SIGN_IN_PERIOD = Duration.ofMinutes(15);

  /// How long ago the provider may have authenticated the person at most, when the person signs in
  /// for such a change. That leaves ten minutes for the change.
  static final Duration MAX_PROVIDER_AUTHENTICATION_AGE = Duration.ofMinutes(5);

  static final String NOT_SIGNED_IN = "Sign in: this is for people with a session";
  static final String NOT_SIGNED_IN_RECENTLY =
      "Sign in again: this takes a sign-in of the last 15 minutes";

  private static final Set<Reason> UNDECIDED =
      EnumSet.of(Reason.UNAVAILABLE, Reason.THROTTLED, Reason.CSRF);
  private static final Policy SESSION = Policy.accepting(Method.SESSION);

  /// The person who sent the request; empty if the browser has no valid session. Throws
  /// [RefusedException] if a page of another site may have sent the request, and if the session
  /// can't be verified now.
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
      // If the session can't be verified now, it is unknown whether somebody is signed in.
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
                new Outcome.Rejected(Reason.NOT_AUTHENTICATED, detail, detail)
                    .notCountedAsFailure(),
                Method.SESSION));
  }

  /// Whether the person was authenticated within [#RECENT_SIGN_IN_PERIOD]. The beginning of the
  /// session does not count, since a provider may have authenticated the browser days before.
  boolean signedInRecently(Instant now) {
    Instant at = session.authenticatedAt();
    return at != null && now.isBefore(at.plus(RECENT_SIGN_IN_PERIOD));
  }
}
