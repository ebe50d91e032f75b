package dev.gatehouse.session;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.CsrfCheck;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Authenticates the browser of a person who signed in, by its cookie.
///
/// The secret has 256 random bits, so one SHA-256 is sufficient for storage, and the digest is also
/// the look-up key. The scopes of the person are looked up each time and are not stored in the
/// session. Thread-safe; makes at most one look-up for each verification.
public final class SessionAuthenticator implements Authenticator {

  /// The name of the cookie. Its prefix makes browsers accept it only from this host, over HTTPS
  /// and for every path (RFC 6265bis §4.1.3.2).
  public static final String COOKIE = "__Host-gatehouse";

  /// The field with the session's CSRF token.
  public static final String CSRF_FIELD = "X-CSRF-Token";

  private static final String SCHEME = "Session";

  private final SessionSettings settings;
  private final SessionStore store;
  private final Roles roles;
  private final Clock clock;
  private final KeyedDigest memoryKeys = new KeyedDigest("session");

  /// @param store where sessions are looked up
  /// @param roles the roles of the accounts
  public SessionAuthenticator(
      SessionSettings settings, SessionStore store, Roles roles, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.roles = roles;
    this.clock = clock;
  }

  @Override
  public Method method() {
    return Method.SESSION;
  }

  /// Returns no field: the cookie is known by its name.
  @Override
  public Set<String> fields() {
    return Set.of();
  }

  @Override
  public Set<String> schemes() {
    return Set.of();
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return Challenge.of(SCHEME, settings.realm());
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return null;
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    List<String> cookies = cookies(request);
    if (cookies.isEmpty()) {
      return Presented.None.INSTANCE;
    }
    if (cookies.size() > 1) {
      return new Presented.Malformed(CredentialLocation.COOKIE, TWO_COOKIES);
    }
    Optional<PresentedSession> session = PresentedSession.parse(cookies.getFirst());
    return session.isEmpty()
        ? new Presented.Malformed(
            CredentialLocation.COOKIE, rejected("the cookie has not our form"))
        : new Found(session.get(), request);
  }

  /// Returns the values of all cookies with the session's name. A browser sends one `Cookie` field;
  /// HTTP/2 may split it (RFC 9113 §8.2.3).
  static List<String> cookies(AuthRequest request) {
    List<String> fields = request.fields().values("Cookie");
    if (fields.isEmpty()) {
      return List.of();
    }
    List<String> values = new ArrayList<>(1);
    for (String field : fields) {
      int start = 0;
      while (start < field.length()) {
        int end = field.indexOf(';', start);
        end = end < 0 ? field.length() : end;
        int equals = field.indexOf('=', start, end);
        // RFC 6265 §4.2.1: a semicolon and a space separate pairs. A shorter name is skipped
        // without copying it: there may be thousands.
        if (equals - start >= COOKIE.length()
            && field.substring(start, equals).strip().equals(COOKIE)) {
          values.add(field.substring(equals + 1, end).strip());
        }
        start = end + 1;
      }
    }
    return values;
  }

  static CsrfCheck.Evidence csrfToken(PresentedSession session, AuthRequest request) {
    List<String> tokens = request.fields().values(CSRF_FIELD);
    if (tokens.isEmpty()) {
      return CsrfCheck.Evidence.NONE;
    }
    return tokens.size() == 1 && session.isCsrfToken(tokens.getFirst())
        ? CsrfCheck.Evidence.OWN
        : CsrfCheck.Evidence.OTHER;
  }

  private final class Found implements Presented.Credential {

    private final PresentedSession session;
    private final AuthRequest request;
    private final Digest memoryKey;

    Found(PresentedSession session, AuthRequest request) {
      this.session = session;
      this.request = request;
      this.memoryKey = memoryKeys.of(session.bytes());
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.COOKIE;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    @Override
    public CsrfCheck.Evidence csrfToken() {
      return SessionAuthenticator.csrfToken(session, request);
    }

    @Override
    public Outcome verify() {
      try {
        return store
            .byDigest(session.digest())
            .map(SessionAuthenticator.this::judge)
            .orElseGet(() -> rejected("no such session"));
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }
  }

  private Outcome judge(SessionStore.Owned owned) {
    StoredSession session = owned.session();
    Account owner = owned.owner();
    Instant now = clock.instant();
    String over = Sessions.over(owned, settings, now);
    if (over != null) {
      return rejected(session.id() + " " + over);
    }
    Instant idleEnd = now.plus(settings.idleTimeout());
    return new Outcome.Accepted(
        new Principal(owner.id(), Method.SESSION, session.id(), roles.of(owner)),
        new Conditions(
            session.expiresAt().isBefore(idleEnd) ? session.expiresAt() : idleEnd,
            List.of(),
            null,
            Reason.NOT_AUTHENTICATED),
        RootCredential.ofSignIn(session.signedInBy()));
  }

  // This is not a guess: every browser eventually sends an expired cookie, and 256 bits cannot be
  // guessed.
  private static Outcome.Rejected rejected(String cause) {
    return new Outcome.Rejected(
            Reason.NOT_AUTHENTICATED, "The session is over, or was never there: sign in", cause)
        .notCountedAsFailure();
  }

  private static final Outcome.Rejected TWO_COOKIES =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "The cookie " + COOKIE + " is there more than once",
          "two session cookies");
}
