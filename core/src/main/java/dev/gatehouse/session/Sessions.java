package dev.gatehouse.session;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CsrfCheck;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Begins, lists and ends sessions. Thread-safe; every call may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public final class Sessions {

  /// The form of the secret in a session's cookie.
  public static final SecretForm SECRET = PresentedSession.FORM;

  private static final String ID_PREFIX = "ses_";
  // Uses are written down with a delay: one that looks idle may not be.
  private static final Duration LAST_USE_WRITE_DELAY = Duration.ofMinutes(5);
  private static final int MAX_AGENT_CHARS = 200;

  /// A session that began.
  ///
  /// @param secret the cookie's value: shown here and never again
  /// @param csrfToken for pages of this session
  public record Begun(StoredSession session, String secret, String csrfToken) {

    @Override
    public String toString() {
      return "Begun[" + session.id() + "]";
    }
  }

  private final SessionSettings settings;
  private final SessionStore store;
  private final Clock clock;

  /// Keeps sessions in that store.
  public Sessions(SessionSettings settings, SessionStore store, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.clock = clock;
  }

  /// Begins a session for a person who has just shown their password; stored when this returns.
  ///
  /// @param signIn if the sign-ins of its account were ended since, the session is over before it
  ///   is used
  /// @param agent what the browser calls itself
  public Begun begin(SignIn signIn, String agent, InetAddress from) {
    return begin(signIn, agent, from, clock.instant());
  }

  /// The same for a person whom somebody else authenticated.
  ///
  /// @param authenticatedAt when that was; null: it is not known
  public Begun begin(
      SignIn signIn, String agent, InetAddress from, @Nullable Instant authenticatedAt) {
    Account account = signIn.account();
    PresentedSession secret = PresentedSession.random();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    StoredSession session =
        new StoredSession(
            RandomIds.next(ID_PREFIX),
            secret.digest(),
            account.id(),
            account.generation(),
            now,
            authenticatedAt == null ? null : authenticatedAt.truncatedTo(ChronoUnit.MILLIS),
            now.plus(settings.absoluteTimeout()),
            now,
            visible(agent),
            from.getHostAddress(),
            signIn.credential());
    store.add(session);
    return new Begun(session, secret.reveal(), secret.csrfToken());
  }

  /// Ends the session, everywhere; false when there is none.
  public boolean end(String id) {
    return store.end(id);
  }

  /// Ends the session that the request's cookie is for, if there is one.
  public void endOf(AuthRequest request) {
    of(request).ifPresent(owned -> store.end(owned.session().id()));
  }

  /// The session that the request's cookie is for, whether or not it is good.
  public Optional<SessionStore.Owned> of(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst())
            .flatMap(session -> store.byDigest(session.digest()))
        : Optional.empty();
  }

  /// The session of that id, whether or not it is good.
  public Optional<SessionStore.Owned> find(String id) {
    return store.byId(id);
  }

  /// Up to `limit` sessions, of that account (its id) or (null) of all, behind that id (from the
  /// beginning: null), in the order of their ids; also those that are over and not purged yet: ask
  /// [#isLive].
  public List<SessionStore.Owned> list(
      @Nullable String account, @Nullable String after, int limit) {
    return store.list(account, after, limit);
  }

  /// Whether the session would still be accepted.
  public boolean isLive(SessionStore.Owned owned) {
    return over(owned, settings, clock.instant()) == null;
  }

  /// Whether that account (its id) has a session of that id that would still be accepted.
  public boolean isLive(String account, String id) {
    // Nothing lies between an id and itself without its last character, but what begins like it.
    return store.list(account, id.substring(0, id.length() - 1), 2).stream()
        .anyMatch(owned -> owned.session().id().equals(id) && isLive(owned));
  }

  /// Notes when sessions were last used; ids of anything else are passed over.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> sessions = new HashMap<>(lastUsed);
    sessions.keySet().removeIf(id -> !id.startsWith(ID_PREFIX));
    if (!sessions.isEmpty()) {
      store.touch(sessions);
    }
  }

  /// Removes sessions that are over.
  public void purge() {
    Instant now = clock.instant();
    store.purge(now, now.minus(settings.idleTimeout()).minus(LAST_USE_WRITE_DELAY));
  }

  /// The token that the request's session would show against forgery, whether or not the session is
  /// good; empty when the request has none.
  public static Optional<String> csrfToken(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst()).map(PresentedSession::csrfToken)
        : Optional.empty();
  }

  /// What the request's CSRF token says of its session, whether or not the session is good.
  public static CsrfCheck.Evidence csrfEvidence(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst())
            .map(session -> SessionAuthenticator.csrfToken(session, request))
            .orElse(CsrfCheck.Evidence.NONE)
        : CsrfCheck.Evidence.NONE;
  }

  /// Why the session is over; null when it is not.
  static @Nullable String over(SessionStore.Owned owned, SessionSettings settings, Instant now) {
    StoredSession session = owned.session();
    Account owner = owned.owner();
    if (owner.disabled()) {
      return "belongs to " + owner.id() + ", who is disabled";
    }
    if (session.generation() != owner.generation()) {
      return "was ended with all sign-ins of " + owner.id();
    }
    if (!now.isBefore(session.expiresAt())) {
      return "reached its absolute limit at " + session.expiresAt();
    }
    if (!now.isBefore(session.lastSeenAt().plus(settings.idleTimeout()))) {
      return "was idle since " + session.lastSeenAt();
    }
    return null;
  }

  // It is shown to people: nothing that could move their terminal or their page.
  private static String visible(String agent) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < Math.min(agent.length(), MAX_AGENT_CHARS); i++) {
      char c = agent.charAt(i);
      visible.append(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return visible.toString();
  }
}
