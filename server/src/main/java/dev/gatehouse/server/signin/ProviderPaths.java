package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Browsing;
import dev.gatehouse.CrossSite;
import dev.gatehouse.Decision;
import dev.gatehouse.FailureText;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.hmac.UsedSignatures;
import dev.gatehouse.hmac.UsedSignatures.Kind;
import dev.gatehouse.hmac.UsedSignatures.Recorded;
import dev.gatehouse.hmac.UsedSignatures.Use;
import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ProviderTokens;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.provider.AttemptSecrets;
import dev.gatehouse.server.provider.Proven;
import dev.gatehouse.server.provider.Provider;
import dev.gatehouse.server.provider.ProviderException;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.throttle.FailedAttempts;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where people sign in with one provider, and link it to their accounts: where that begins, and
/// where the provider sends them back.
public final class ProviderPaths {

  // Anybody may begin to sign in and come back. So all who do have one share of the record
  // together,
  // and leave room for signed requests.
  private static final String SIGN_INS = "sign-ins";

  private static final Policy SESSION = Policy.accepting(Method.SESSION);
  private static final int MAX_STATE = 128;

  // RFC 6749 §4.1.2, RFC 9207 §2: each stands in an answer once, and is read. All others are
  // ignored.
  private static final List<String> ANSWER_PARAMETERS =
      List.of("code", "state", "error", "iss", "response");

  // Values of Sec-Fetch-Site, Sec-Fetch-Mode and Sec-Fetch-Dest.
  private static final List<String> SAME_ORIGIN = List.of("same-origin");
  private static final List<String> NO_SITE = List.of("none");
  private static final List<String> NAVIGATE = List.of("navigate");
  private static final List<String> DOCUMENT = List.of("document");
  private static final List<String> EMPTY = List.of("empty");

  private static final int MAX_PAGE_STATE = 256;
  private static final int MAX_INVITATION = 256;

  /// What becomes of those whom the provider proved.
  ///
  /// @param allow who gets an account unasked
  /// @param keepTokens whether what the provider issued is kept
  public record Terms(AllowList allow, boolean keepTokens) {}

  /// The services behind it.
  ///
  /// @param uses where it is remembered which attempts came back
  /// @param visits counts beginnings and returns by address
  public record Rooms(
      Accounts accounts,
      Links links,
      ProviderTokens tokens,
      Sessions sessions,
      UsedSignatures uses,
      FailedAttempts visits) {}

  private final Provider provider;
  private final Terms terms;
  private final Rooms rooms;
  private final AttemptCookies attempts;
  private final OneTimeCodes codes;
  private final Admissions admissions;
  private final Gate gate;
  private final Pages pages;
  private final ProviderSite site;
  private final SessionCookie sessionCookie;
  private final Clock clock;

  /// @param admissions for this provider alone: who waits for it takes no place from others
  ProviderPaths(
      Provider provider,
      Terms terms,
      Rooms rooms,
      AttemptCookies attempts,
      OneTimeCodes codes,
      Admissions admissions,
      Pages pages,
      ProviderSite site,
      Clock clock) {
    this.provider = provider;
    this.terms = terms;
    this.rooms = rooms;
    this.attempts = attempts;
    this.codes = codes;
    this.admissions = admissions;
    this.gate = admissions.gate();
    this.pages = pages;
    this.site = site;
    this.sessionCookie = new SessionCookie(site.strictCookie());
    this.clock = clock;
  }

  /// Every path, with what serves it.
  Map<String, OwnPath> paths() {
    String start = ProviderButtons.startPath(site.prefix(), provider.name());
    return Map.of(
        start,
        endpoint("GET", this::start),
        start + "/callback",
        endpoint("GET", this::callback),
        start + "/link",
        endpoint("POST", this::link));
  }

  private OwnPath endpoint(String method, Endpoint.Action action) {
    return new Endpoint(
        admissions,
        new CorsAnswer(CorsPolicy.NONE, Set.of()),
        Map.of(method, visit -> withoutReferrer(answered(visit, action))),
        (request, why) -> withoutReferrer(malformed(request, why)));
  }

  // Neither the code nor the state goes anywhere else with the page that follows (RFC 9700
  // §4.2.4).
  private static Reply withoutReferrer(Reply reply) {
    return reply instanceof Reply.Sent sent
        ? Reply.with(sent, "Referrer-Policy", List.of("no-referrer"))
        : reply;
  }

  private Reply answered(Visit visit, Endpoint.Action action) {
    AuthRequest request = visit.request();
    // Before anything is counted: a hidden request is another site's, which could spend the
    // sign-ins of its visitor's address.
    if (isHidden(request)) {
      return refused(
          visit,
          Refusal.of(
              request,
              Reason.CSRF,
              "A sign-in begins and ends with a page that a person opens",
              "another site's page, in a frame, as a picture or as a prefetch"),
          id -> RefusedPage.attemptOver(id, site.signInPath()));
    }
    try {
      Optional<Refusal> mustWait = mustWait(request);
      return mustWait.isPresent()
          ? refused(visit, mustWait.get(), id -> RefusedPage.unavailable(id, site.signInPath()))
          : action.apply(visit);
    } catch (RefusedException refused) {
      return refused(
          visit, refused.refusal(), id -> RefusedPage.unavailable(id, site.signInPath()));
    } catch (StoreUnavailableException unavailable) {
      return refused(
          visit,
          Refusal.of(
              request,
              Reason.UNAVAILABLE,
              "A store does not answer: try again",
              unavailable.toString()),
          id -> RefusedPage.unavailable(id, site.signInPath()));
    }
  }

  private Optional<Refusal> mustWait(AuthRequest request) {
    Optional<Refusal> failures = gate.mustWait(request, method());
    if (failures.isPresent()) {
      return failures;
    }
    return rooms
        .visits
        .count(request.peer())
        .map(
            wait ->
                gate.refuse(
                    request,
                    new Outcome.Rejected(
                        Reason.THROTTLED,
                        "Too many sign-ins came from this address",
                        "sign-ins of this address",
                        wait),
                    method()));
  }

  private Method method() {
    return site.sessions() ? Method.SESSION : Method.JWT;
  }

  // To the provider

  // Another site's link may lead here, as a portal's does: what it begins ends with whoever the
  // provider knows in this browser, never with somebody whom that site chose, since an answer
  // counts only for an attempt of this browser (RFC 6749 §10.12).
  private Reply start(Visit visit) {
    AuthRequest request = visit.request();
    // The challenge is the key to the code: another site's would open it to that site.
    if (visit.optional("code_challenge").isPresent() && !CrossSite.isFromThisOrigin(request)) {
      return refused(
          visit,
          Refusal.of(
              request,
              Reason.CSRF,
              "A sign-in with 'code_challenge' begins on a page of this origin",
              "Sec-Fetch-Site, Origin and Referer do not show that a page of this origin started the"
                  + " sign-in"),
          id ->
              new RefusedPage(
                  "This sign-in did not begin here",
                  "Open the page that you want to sign in to, and begin there.",
                  id,
                  null));
    }
    Optional<String> target = ReturnTarget.parse(visit.optional("return"), site.prefix());
    Optional<String> invitation = visit.optional("invitation");
    if (invitation.isPresent() && invitation.get().length() > MAX_INVITATION) {
      throw new Visit.BadInputException("'invitation' is too long to be one");
    }
    Attempt.PageClient page = pageClient(visit);
    if (page == null && !site.sessions()) {
      throw new Visit.BadInputException(
          "No session is to be had here: send 'code_challenge', and exchange the code for tokens");
    }
    return leave(
        visit,
        new Attempt(
            asked(visit.optional("again").isPresent()),
            AttemptSecrets.random(),
            target.orElse(site.signInPath()),
            clock.instant().plus(AttemptCookies.LIFE),
            null,
            invitation.orElse(null),
            page));
  }

  // W3C Fetch Metadata §2: whether another site made the browser send this, and it opens no page in
  // a tab. A navigation that a service worker of the upstream's page passes on has the destination
  // `empty`, and browsers of 2019 send none; no script can set the mode `navigate`.
  private static boolean isHidden(AuthRequest request) {
    List<String> sites = request.fields().values("Sec-Fetch-Site");
    if (sites.isEmpty() || sites.equals(SAME_ORIGIN) || sites.equals(NO_SITE)) {
      return false;
    }
    List<String> modes = request.fields().values("Sec-Fetch-Mode");
    List<String> destinations = request.fields().values("Sec-Fetch-Dest");
    boolean opensPage =
        modes.isEmpty()
            ? destinations.equals(DOCUMENT)
            : modes.equals(NAVIGATE)
                && (destinations.isEmpty()
                    || destinations.equals(DOCUMENT)
                    || destinations.equals(EMPTY));
    return !opensPage || isPrefetch(request);
  }

  // Fetch standard, `Sec-Purpose`: a browser prefetches a page before a person opens it.
  private static boolean isPrefetch(AuthRequest request) {
    return request.fields().values("Sec-Purpose").stream()
        .anyMatch(purpose -> purpose.contains("prefetch"));
  }

  // RFC 7636 §4.3; `plain` shows the verifier to whoever sees the address (RFC 9700 §2.1.1).
  private Attempt.@Nullable PageClient pageClient(Visit visit) {
    Optional<String> challenge = visit.optional("code_challenge");
    if (challenge.isEmpty()) {
      return null;
    }
    if (site.codeReturnPaths().isEmpty()) {
      throw new Visit.BadInputException("No page gets a code here: leave 'code_challenge' out");
    }
    if (!visit.optional("code_challenge_method").equals(Optional.of("S256"))
        || !OneTimeCodes.isChallenge(challenge.get())) {
      throw new Visit.BadInputException(
          "'code_challenge' is the base64url of the verifier's SHA-256, and"
              + " 'code_challenge_method' is S256");
    }
    if (visit.optional("return").filter(this::mayGetCode).isEmpty()) {
      throw new Visit.BadInputException(
          "'return' is exactly one of the paths that 'methods.oauth.codeReturnPaths' lists");
    }
    Optional<String> state = visit.optional("state");
    if (state.isPresent() && state.get().length() > MAX_PAGE_STATE) {
      throw new Visit.BadInputException("'state' has at most " + MAX_PAGE_STATE + " characters");
    }
    return new Attempt.PageClient(challenge.get(), state.orElse(null));
  }

  // RFC 9700 §2.1: exact string matching.
  private boolean mayGetCode(String path) {
    return site.codeReturnPaths().contains(path);
  }

  private Attempt.Asked asked(boolean recently) {
    return Attempt.Asked.of(provider, recently);
  }

  private static @Nullable Duration maxAge(Attempt attempt) {
    return attempt.asked().recently() ? Person.MAX_AGE : null;
  }

  private Reply leave(Visit visit, Attempt attempt) {
    String location;
    try {
      location =
          provider
              .authorization(attempt.secrets(), site.redirect(provider.name()), maxAge(attempt))
              .toString();
    } catch (ProviderException failed) {
      return failed(visit, failed, attempt.returnTarget());
    }
    List<String> cookies =
        attempts
            .keep(attempt, site.signInPath(), visit.request())
            .orElseThrow(() -> new Visit.BadInputException("'state' is too long"));
    return Reply.withCookies(
        attempt.linking() != null && visit.wantsPage()
            ? Reply.page(200, pages.leaving(new LeavingPage(provider.label(), location)))
            : Reply.seeOther(location),
        cookies);
  }

  // Linking changes how somebody gets in: the gate asks for a sign that the person's own page sent
  // it, and the person for having signed in lately.
  private Reply link(Visit visit) {
    if (decide(visit.request()) instanceof Decision.Refused(Refusal refusal)) {
      return new Reply.Refused(refusal);
    }
    Optional<Person> person = Person.at(visit.request(), gate, rooms.sessions);
    if (person.isEmpty() || !person.get().signedInLately(clock.instant())) {
      return Person.signInFirst(
          visit, gate, Person.NOT_LATELY, SignInPaths.again(site.prefix(), site.accountPath()));
    }
    return leave(
        visit,
        new Attempt(
            asked(false),
            AttemptSecrets.random(),
            site.accountPath(),
            clock.instant().plus(AttemptCookies.LIFE),
            new Attempt.Linking(person.get().account().id(), person.get().session().id()),
            null,
            null));
  }

  private Decision decide(AuthRequest request) {
    return gate.recall(request, SESSION).orElseGet(() -> gate.admit(request, SESSION));
  }

  // Back from the provider

  private Reply callback(Visit visit) {
    AuthRequest request = visit.request();
    ANSWER_PARAMETERS.forEach(visit::optional);
    String state = visit.optional("state").orElse("");
    Optional<Attempt> found =
        state.isEmpty() || state.length() > MAX_STATE
            ? Optional.empty()
            : attempts
                .find(request, state)
                // RFC 9700 §4.4: the answer of one provider is none of another's, nor of another
                // issuer's whose name in the configuration is the same.
                .filter(attempt -> attempt.asked().isOf(provider))
                // The configuration may have changed since the attempt was sealed.
                .filter(attempt -> attempt.page() == null || mayGetCode(attempt.returnTarget()));
    if (found.isEmpty()) {
      return attemptOver(visit, "no attempt of this browser with this provider has that state");
    }
    Attempt attempt = found.get();
    Digest digest = Digest.sha256(("sign-in " + state).getBytes(StandardCharsets.UTF_8));
    Use use = new Use(Kind.SIGN_IN, SIGN_INS, digest, attempt.expiresAt(), attempt.expiresAt());
    Reply reply =
        switch (rooms.uses.record(use)) {
          case Recorded.First first -> cameBack(visit, attempt);
          case Recorded.Again again -> attemptOver(visit, "the state was used before");
          case Recorded.BeforeHorizon(Instant horizon) ->
              notNow(
                  visit,
                  "attempts that end up to " + horizon + " were forgotten: the clock went back");
          case Recorded.Full full -> notNow(visit, "the record of uses is full");
          case Recorded.ShareTaken taken ->
              notNow(visit, "the share of sign-ins in the record of uses is taken");
        };
    return reply instanceof Reply.Sent sent
        ? Reply.withCookies(sent, List.of(attempts.letGo(state)))
        : reply;
  }

  private Reply notNow(Visit visit, String why) {
    return refused(
        visit,
        Refusal.of(
            visit.request(),
            Reason.UNAVAILABLE,
            "The sign-in can't be finished now: begin again later",
            why),
        id -> RefusedPage.unavailable(id, site.signInPath()));
  }

  private Reply cameBack(Visit visit, Attempt attempt) {
    Proven proven;
    try {
      proven =
          provider.prove(
              visit.parameters(),
              attempt.secrets(),
              site.redirect(provider.name()),
              maxAge(attempt));
    } catch (ProviderException failed) {
      return failed(visit, failed, attempt.returnTarget());
    }
    return attempt.linking() == null
        ? arrived(visit, attempt, proven)
        : linked(visit, attempt.linking(), proven);
  }

  private Reply arrived(Visit visit, Attempt attempt, Proven proven) {
    return switch (rooms.links.arrive(proven.who(), terms.allow, attempt.invitation())) {
      case Links.Arrival.SignedIn signedIn -> {
        keep(signedIn.link(), proven);
        yield attempt.page() == null
            ? withSession(
                visit, signedIn.signIn(), proven.authenticatedAt(), attempt.returnTarget())
            : Reply.seeOther(
                withCode(
                    attempt.returnTarget(),
                    codes.issue(signedIn.signIn(), attempt.page().codeChallenge()),
                    attempt.page().state()));
      }
      case Links.Arrival.Refused(String why) -> notLetIn(visit, why);
      // Told as anybody is who has no account: whoever has one signs in as before, and links there.
      case Links.Arrival.HasAccount() ->
          notLetIn(
              visit,
              "there is an account with that e-mail address: its owner can link the identity");
      case Links.Arrival.InvitationNotGood() ->
          invitationNotGood(visit, "the invitation was used, withdrawn or is over");
      case Links.Arrival.InvitationOfAnother(String why) -> invitationNotGood(visit, why);
    };
  }

  private void keep(Link link, Proven proven) {
    if (terms.keepTokens) {
      rooms.tokens.keep(link.id(), link.issuer(), proven.token());
    }
  }

  private Reply withSession(
      Visit visit, SignIn signIn, @Nullable Instant authenticatedAt, String target) {
    Sessions.Begun begun =
        rooms.sessions.begin(signIn, visit.agent(), visit.request().peer(), authenticatedAt);
    rooms.sessions.endOf(visit.request()); // one browser, one session: as with a password
    // A strict cookie stays behind with redirects that another site began (RFC 6265bis §5.2): the
    // gate's own page leads on.
    Reply.Sent on =
        site.strictCookie()
            ? Reply.page(200, pages.leaving(new LeavingPage(site.realm(), site.at(target))))
            : Reply.seeOther(target);
    return Reply.withCookies(on, List.of(sessionCookie.holding(begun.secret())));
  }

  // RFC 6749 §4.1.2. The path has neither query nor fragment. The code is no token: it is good with
  // the page's own verifier only.
  private static String withCode(String path, String code, @Nullable String state) {
    return path
        + "?code="
        + URLEncoder.encode(code, StandardCharsets.UTF_8)
        + (state == null ? "" : "&state=" + URLEncoder.encode(state, StandardCharsets.UTF_8));
  }

  private Reply linked(Visit visit, Attempt.Linking linking, Proven proven) {
    // Read first: if sign-ins are ended after that, the link is refused for the account's
    // generation.
    Optional<Account> owner = rooms.accounts.find(linking.account());
    if (owner.isEmpty() || !isStillHere(visit.request(), linking)) {
      return attemptOver(visit, "the session that began to link is not here any more");
    }
    return switch (rooms.links.link(owner.get(), proven.who())) {
      case Links.Linking.Linked(Link link) -> onToAccount(link, proven);
      case Links.Linking.AlreadyLinked(Link link) -> onToAccount(link, proven);
      case Links.Linking.OfAnother() ->
          refused(
              visit,
              refusal(visit, "That identity is linked to another account", "linked to another"),
              id -> RefusedPage.linkedToAnother(provider.label(), id, site.accountPath()));
      case Links.Linking.TooMany() ->
          refused(
              visit,
              refusal(
                  visit,
                  "An account has at most " + Links.MAX_LINKS + " links: remove one",
                  "too many links"),
              id ->
                  new RefusedPage(
                      "There is no room for another link",
                      "Remove one that you do not need.",
                      id,
                      new PageLink("Back to your account", site.accountPath())));
      case Links.Linking.SignedOut() -> attemptOver(visit, "the account's sign-ins were ended");
    };
  }

  private Reply onToAccount(Link link, Proven proven) {
    keep(link, proven);
    String target = site.accountPath() + "?done=linked";
    return site.strictCookie()
        ? Reply.page(200, pages.leaving(new LeavingPage(site.realm(), site.at(target))))
        : Reply.seeOther(target);
  }

  // The very session that asked: neither another that began here since, nor one that is over. A
  // strict cookie does not come along from another site: then the store must know the session.
  private boolean isStillHere(AuthRequest request, Attempt.Linking linking) {
    if (site.strictCookie() && Sessions.csrfToken(request).isEmpty()) {
      return rooms.sessions.isLive(linking.account(), linking.session());
    }
    return switch (decide(request)) {
      case Decision.Admitted admitted ->
          admitted.principal() != null
              && admitted.principal().subject().equals(linking.account())
              && admitted.principal().credential().equals(linking.session());
      case Decision.Refused(Refusal refusal)
          when refusal.reason() == Reason.UNAVAILABLE || refusal.reason() == Reason.THROTTLED ->
          throw new RefusedException(refusal);
      case Decision.Refused refused -> false;
    };
  }

  // What went wrong

  private Reply failed(Visit visit, ProviderException failed, String returnTarget) {
    AuthRequest request = visit.request();
    String cause = provider.name() + ": " + FailureText.of(failed);
    return switch (failed.kind()) {
      case UNAVAILABLE ->
          refused(
              visit,
              Refusal.of(
                  request,
                  Reason.UNAVAILABLE,
                  provider.label() + " does not answer as it should: try again in a moment",
                  cause),
              id -> RefusedPage.providerFailed(provider.label(), id, again(returnTarget)));
      case DECLINED ->
          refused(
              visit,
              counted(
                  request, provider.label() + " did not confirm the sign-in: begin again", cause),
              id ->
                  new RefusedPage(
                      "You are not signed in",
                      provider.label()
                          + " did not confirm the sign-in. Perhaps it was cancelled there.",
                      id,
                      new PageLink("Sign in", signInPage(returnTarget))));
      case UNTRUSTED ->
          refused(
              visit,
              counted(
                  request,
                  "The answer of " + provider.label() + " can't be trusted: begin again",
                  cause),
              id ->
                  new RefusedPage(
                      "You are not signed in",
                      "The answer that came from "
                          + provider.label()
                          + " can't be trusted. Begin again; tell an administrator if it stays so.",
                      id,
                      new PageLink("Sign in", signInPage(returnTarget))));
    };
  }

  // A code that is made up costs the provider a question: it counts as a guess.
  private Refusal counted(AuthRequest request, String detail, String cause) {
    return gate.refuse(
        request,
        new Outcome.Rejected(Reason.SIGN_IN_REFUSED, detail, cause, null, true, null),
        method());
  }

  private String again(String returnTarget) {
    return ProviderButtons.startPath(site.prefix(), provider.name())
        + "?return="
        + URLEncoder.encode(returnTarget, StandardCharsets.UTF_8);
  }

  private String signInPage(String returnTarget) {
    return site.sessions()
        ? site.signInPath() + "?return=" + URLEncoder.encode(returnTarget, StandardCharsets.UTF_8)
        : again(returnTarget);
  }

  private Refusal refusal(Visit visit, String detail, String cause) {
    return Refusal.of(visit.request(), Reason.SIGN_IN_REFUSED, detail, cause);
  }

  private Reply notLetIn(Visit visit, String why) {
    return refused(
        visit,
        refusal(
            visit,
            "Who you are at " + provider.label() + " may not sign in here: ask for an invitation",
            provider.name() + ": " + why),
        id -> RefusedPage.notLetIn(provider.label(), id, site.signInPath()));
  }

  private Reply invitationNotGood(Visit visit, String why) {
    return refused(
        visit,
        refusal(visit, "The invitation is not good for you: ask for a new one", why),
        id ->
            new RefusedPage(
                "This invitation is not good",
                "It works once, for a while, and for the address that it names if it names one."
                    + " Ask for a new one.",
                id,
                null));
  }

  private Reply attemptOver(Visit visit, String why) {
    return refused(
        visit,
        Refusal.of(
            visit.request(),
            Reason.MALFORMED_REQUEST,
            "This answer belongs to no sign-in that this browser began and did not finish: begin"
                + " again",
            provider.name() + ": " + why),
        id -> RefusedPage.attemptOver(id, site.signInPath()));
  }

  private Reply malformed(AuthRequest request, String why) {
    Refusal refusal =
        Refusal.of(request, Reason.MALFORMED_REQUEST, why, "filled in wrongly: " + why);
    return Browsing.isNavigation(request)
        ? Reply.asPage(
            refusal,
            pages.refused(
                new RefusedPage(
                    "That link is broken",
                    why,
                    refusal.id(),
                    new PageLink("Sign in", site.signInPath()))))
        : new Reply.Refused(refusal);
  }

  private Reply refused(Visit visit, Refusal refusal, Function<String, RefusedPage> page) {
    if (!visit.wantsPage()) {
      return new Reply.Refused(refusal);
    }
    if (refusal.reason() == Reason.THROTTLED) {
      Duration wait = refusal.retryAfter() == null ? Duration.ZERO : refusal.retryAfter();
      return Reply.asPage(
          refusal,
          pages.refused(
              new RefusedPage(
                  "Too many attempts",
                  "Try again in " + Math.max(1, wait.plusMillis(999).toSeconds()) + " seconds.",
                  refusal.id(),
                  new PageLink("Sign in", site.signInPath()))));
    }
    return Reply.asPage(refusal, pages.refused(page.apply(refusal.id())));
  }
}
