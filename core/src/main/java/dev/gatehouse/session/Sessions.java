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

/// Begins, lists and ends sessions. Thread-safe; every method may block unless it says otherwise,
/// and throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class Sessions {

  /// The form of the secret in a session's cookie.
  public static final SecretForm SECRET = PresentedSession.FORM;

  private static final String ID_PREFIX = "ses_";
  // Uses are recorded with a delay, so a session that looks idle may not be.
  private static final Duration LAST_USE_WRITE_DELAY = Duration.ofMinutes(5);
  private static final int MAX_AGENT_CHARS = 200;

  /// A new session.
  ///
  /// @param secret the value of the cookie, which is shown here and never again
  /// @param csrfToken the CSRF token for pages of this session
  public record Begun(StoredSession session, String secret, String csrfToken) {

    @Override
    public String toString() {
      return "Begun[" + session.id() + "]";
    }
  }

  private final SessionSettings settings;
  private final SessionStore store;
  private final Clock clock;

  /// @param store where sessions are stored
  public Sessions(SessionSettings settings, SessionStore store, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.clock = clock;
  }

  /// Begins a session for a person who has just entered their password. It is stored when this
  /// returns.
  ///
  /// @param signIn if the account's sign-ins were ended since, the session is not valid
  /// @param agent the `User-Agent` of the browser; untrusted text
  /// @param from the client's address
  public Begun begin(SignIn signIn, String agent, InetAddress from) {
    return begin(signIn, agent, from, clock.instant());
  }

  /// As the other method, for a person whom a provider authenticated.
  ///
  /// @param authenticatedAt when the provider did; null: not known
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

  /// Ends the session on all nodes; false if there is none.
  public boolean end(String id) {
    return store.end(id);
  }

  /// Ends the session of the request's cookie, if there is one.
  public void endOf(AuthRequest request) {
    of(request).ifPresent(owned -> store.end(owned.session().id()));
  }

  /// Returns the session of the request's cookie, whether or not it is valid.
  public Optional<SessionStore.Owned> of(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst())
            .flatMap(session -> store.byDigest(session.digest()))
        : Optional.empty();
  }

  /// Returns the session of that id, whether or not it is valid.
  public Optional<SessionStore.Owned> find(String id) {
    return store.byId(id);
  }

  /// Returns up to `limit` sessions in the order of their ids, after that id (null: from the
  /// first). Includes those that have ended and are not deleted yet: ask [#isLive].
  ///
  /// @param account the id of an account; null: sessions of all accounts
  public List<SessionStore.Owned> list(
      @Nullable String account, @Nullable String after, int limit) {
    return store.list(account, after, limit);
  }

  /// Whether the session would still be accepted. Does not block.
  public boolean isLive(SessionStore.Owned owned) {
    return over(owned, settings, clock.instant()) == null;
  }

  /// Whether the account of that id has a session of that id that would still be accepted.
  public boolean isLive(String account, String id) {
    // Between an id without its last character and the id itself, there are only ids with the same
    // beginning.
    return store.list(account, id.substring(0, id.length() - 1), 2).stream()
        .anyMatch(owned -> owned.session().id().equals(id) && isLive(owned));
  }

  /// Records when sessions were last used. Ignores other ids.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> sessions = new HashMap<>(lastUsed);
    sessions.keySet().removeIf(id -> !id.startsWith(ID_PREFIX));
    if (!sessions.isEmpty()) {
      store.touch(sessions);
    }
  }

  /// Deletes sessions that have ended.
  public void purge() {
    Instant now = clock.instant();
    store.purge(now, now.minus(settings.idleTimeout()).minus(LAST_USE_WRITE_DELAY));
  }

  /// Returns the CSRF token of the request's session, whether or not the session is valid; empty if
  /// the request has no session. Does not block.
  public static Optional<String> csrfToken(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst()).map(PresentedSession::csrfToken)
        : Optional.empty();
  }

  /// Returns what the request's CSRF token shows about its session, whether or not the session is
  /// valid. Does not block.
  public static CsrfCheck.Evidence csrfEvidence(AuthRequest request) {
    List<String> cookies = SessionAuthenticator.cookies(request);
    return cookies.size() == 1
        ? PresentedSession.parse(cookies.getFirst())
            .map(session -> SessionAuthenticator.csrfToken(session, request))
            .orElse(CsrfCheck.Evidence.NONE)
        : CsrfCheck.Evidence.NONE;
  }

  /// Returns why the session has ended; null if it has not.
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

  // People see this text. It must not contain characters that control a terminal or a page.
  private static String visible(String agent) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < Math.min(agent.length(), MAX_AGENT_CHARS); i++) {
      char c = agent.charAt(i);
      visible.append(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return visible.toString();
  }
}
