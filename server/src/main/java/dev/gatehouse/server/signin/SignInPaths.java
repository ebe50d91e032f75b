package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
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
import dev.gatehouse.password.Passwords;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.session.Sessions;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The paths where people sign in, sign out and change their passwords. Browsers get pages,
/// programs get JSON.
public final class SignInPaths {

  private static final Policy SESSION = Policy.accepting(Method.SESSION);

  /// The query parameter of a sign-in that must be a recent one.
  static final String RECENT_SIGN_IN_PARAMETER = "again=yes";

  private static final String SIGN_IN_AGAIN =
      "Sign in again: what you are about to change takes a sign-in of the last "
          + Person.RECENT_SIGN_IN_PERIOD.toMinutes()
          + " minutes.";

  private final Gate gate;
  private final Admissions admissions;
  private final Accounts accounts;
  private final Passwords passwords;
  private final Sessions sessions;
  private final Pages pages;
  private final String prefix;
  private final SessionCookie cookie;
  private final ProviderButtons providers;
  private final int minLength;

  /// @param admissions for sign-ins alone: they wait for slow hashes
  /// @param providers other ways to sign in
  public SignInPaths(
      Admissions admissions, SignInServices services, SignInSite site, ProviderButtons providers) {
    this.gate = admissions.gate();
    this.admissions = admissions;
    this.accounts = services.accounts();
    this.passwords = services.passwords();
    this.sessions = services.sessions();
    this.pages = site.pages();
    this.prefix = site.prefix();
    this.providers = providers;
    this.cookie = new SessionCookie(site.strictCookie());
    this.minLength = site.minPasswordLength();
  }

  /// Where the sign-in page is, under that prefix.
  public static String signInPath(String prefix) {
    return prefix + "/login";
  }

  /// The address of the sign-in page that leads to that path of this origin afterwards.
  static String leadingTo(String prefix, String returnTarget) {
    return signInPath(prefix)
        + "?return="
        + URLEncoder.encode(returnTarget, StandardCharsets.UTF_8);
  }

  /// The same for a person who is signed in, but not recently.
  static String again(String prefix, String returnTarget) {
    return leadingTo(prefix, returnTarget) + "&" + RECENT_SIGN_IN_PARAMETER;
  }

  /// Where a one-time link for a new password leads, under that prefix.
  public static String resetPath(String prefix) {
    return prefix + "/password/reset";
  }

  /// The path to which an invitation leads.
  public static String invitedPath(String prefix) {
    return prefix + "/invited";
  }

  /// The paths of a one-time link only, for a gate whose people have passwords and no sessions.
  public Map<String, OwnPath> resetPaths() {
    return Map.of(
        resetPath(prefix),
        endpoint(Map.of("GET", this::askNew, "POST", form -> reset(form, Message.PASSWORD_SET))));
  }

  /// Every path with its handler.
  public Map<String, OwnPath> paths() {
    return Map.of(
        signInPath(prefix),
        endpoint(Map.of("GET", this::askWho, "POST", this::signIn)),
        prefix + "/logout",
        endpoint(Map.of("POST", this::signOut)),
        prefix + "/csrf",
        endpoint(Map.of("GET", this::csrfToken)),
        prefix + "/password",
        endpoint(Map.of("GET", this::askPassword, "POST", this::change)),
        resetPath(prefix),
        endpoint(
            Map.of("GET", this::askNew, "POST", form -> reset(form, Message.PASSWORD_CHANGED))));
  }

  private OwnPath endpoint(Map<String, Endpoint.Action> byMethod) {
    return new Endpoint(admissions, new CorsAnswer(CorsPolicy.NONE, Set.of()), byMethod);
  }

  private Reply askWho(FormRequest form) {
    Optional<Account> person = signedIn(form.request());
    return Reply.page(
        200,
        person.isPresent() && form.optional("again").isEmpty()
            ? pages.signedIn(new SignedInPage(person.get().name()))
            : signInPage(form, person.map(Account::name).orElse(""), null));
  }

  private Reply signIn(FormRequest form) {
    AuthRequest request = form.request();
    String name = form.signInName();
    String password = form.text("password");
    Optional<Refusal> mustWait = gate.mustWait(request, Method.SESSION);
    if (mustWait.isPresent()) {
      return notSignedIn(form, name, mustWait.get());
    }
    return switch (passwords.verify(name, password, request.peer())) {
      case Passwords.Verification.Verified verified -> {
        Sessions.Begun begun = sessions.begin(verified.signIn(), form.agent(), request.peer());
        sessions.endOf(request); // one browser, one session; but never none for want of a store
        yield withCookie(
            form.wantsPage()
                ? Reply.seeOther(
                    ReturnTarget.parse(form.optional("return"), prefix).orElse(signInPath(prefix)))
                : said("Logged in"),
            begun.secret());
      }
      case Passwords.Verification.Rejected(Outcome.Rejected rejected) ->
          notSignedIn(form, name, gate.refuse(request, rejected, Method.SESSION));
      case Passwords.Verification.Unavailable(Throwable cause) ->
          notSignedIn(form, name, unavailable(request, cause));
    };
  }

  // The page shows the sign-in name again, and never the password.
  private Reply notSignedIn(FormRequest form, String name, Refusal refusal) {
    if (!form.wantsPage()) {
      return new Reply.Refused(refusal);
    }
    return Reply.asPage(refusal, signInPage(form, name, problem(refusal)));
  }

  private Page signInPage(FormRequest form, String name, @Nullable String problem) {
    String target = ReturnTarget.parse(form.optional("return"), prefix).orElse(null);
    return pages.signIn(
        new SignInPage(
            name,
            form.optional("again").map(again -> SIGN_IN_AGAIN).orElse(null),
            problem,
            target,
            providers.leadingTo(target, form.optional("again").isPresent())));
  }

  private Reply signOut(FormRequest form) {
    // A request with a cookie and without Origin and Sec-Fetch-Site does not come from a browser.
    // It is accepted here, unlike at other paths, since such a program can end only the session
    // whose cookie it has.
    sessions.endOf(form.request());
    return Reply.withCookies(
        form.wantsPage() ? Reply.page(200, pages.message(Message.SIGNED_OUT)) : said("Logged out"),
        List.of(cookie.takenBack()));
  }

  private Reply csrfToken(FormRequest form) {
    return switch (decide(form.request(), SESSION)) {
      case Decision.Refused(Refusal refusal) -> new Reply.Refused(refusal);
      case Decision.Admitted admitted ->
          Reply.json(
              200,
              new JsonObject().put("csrfToken", Sessions.csrfToken(form.request()).orElseThrow()));
    };
  }

  private Reply askPassword(FormRequest form) {
    return signedIn(form.request())
        .<Reply>map(person -> Reply.page(200, changePage(person, null)))
        .orElseGet(
            () ->
                Person.signInFirst(
                    form,
                    gate,
                    Person.NOT_SIGNED_IN,
                    signInPath(prefix) + "?return=" + prefix + "/password"));
  }

  // The form asks for the current password as well, which is the most recent proof there can be.
  private Reply change(FormRequest form) {
    AuthRequest request = form.request();
    Decision decision = decide(request, SESSION);
    if (!(decision instanceof Decision.Admitted admitted) || admitted.principal() == null) {
      return new Reply.Refused(((Decision.Refused) decision).refusal());
    }
    String account = admitted.principal().subject();
    String current = form.text("currentPassword");
    String next = form.text("newPassword");
    Optional<Refusal> mustWait = gate.mustWait(request, Method.SESSION);
    if (mustWait.isPresent()) {
      return notChanged(form, mustWait.get());
    }
    return switch (passwords.change(account, current, next, request.peer())) {
      case Passwords.Change.Done done -> changed(form, done.signIn());
      case Passwords.Change.Refused(String why) ->
          notChanged(form, Refusal.of(request, Reason.MALFORMED_REQUEST, why, why));
      case Passwords.Change.Rejected(Outcome.Rejected rejected) ->
          notChanged(form, gate.refuse(request, rejected, Method.SESSION));
      case Passwords.Change.Unavailable(Throwable cause) ->
          notChanged(form, unavailable(request, cause));
      case Passwords.Change.NotFound() ->
          notChanged(
              form,
              Refusal.of(request, Reason.NOT_FOUND, "There is no such account", "account gone"));
    };
  }

  // All sessions were ended, also this one, and this browser gets a new session. If the new session
  // can't be stored, the password was changed nevertheless, and "try again" would be wrong.
  private Reply changed(FormRequest form, SignIn signIn) {
    Optional<Sessions.Begun> begun;
    try {
      begun = Optional.of(sessions.begin(signIn, form.agent(), form.request().peer()));
    } catch (StoreUnavailableException unavailable) {
      begun = Optional.empty();
    }
    Reply.Sent sent =
        form.wantsPage()
            ? Reply.page(200, pages.message(Message.PASSWORD_CHANGED))
            : said(begun.isPresent() ? "Password changed" : "Password changed: sign in again");
    return begun.<Reply>map(session -> withCookie(sent, session.secret())).orElse(sent);
  }

  private Reply notChanged(FormRequest form, Refusal refusal) {
    Optional<Account> person = form.wantsPage() ? signedIn(form.request()) : Optional.empty();
    return person
        .<Reply>map(there -> Reply.asPage(refusal, changePage(there, problem(refusal))))
        .orElseGet(() -> new Reply.Refused(refusal));
  }

  private Page changePage(Account person, @Nullable String problem) {
    return pages.changePassword(new ChangePasswordPage(person.name(), minLength, problem));
  }

  // Opening the link does not spend it, because mail programs open links, too.
  private Reply askNew(FormRequest form) {
    String token = form.optional("token").orElse("");
    return passwords
        .resettable(token)
        .<Reply>map(person -> Reply.page(200, resetPage(token, person, null)))
        .orElseGet(() -> Reply.page(404, pages.message(Message.LINK_NOT_GOOD)));
  }

  private Reply reset(FormRequest form, Message done) {
    AuthRequest request = form.request();
    String token = form.text("token");
    return switch (passwords.reset(token, form.text("newPassword"))) {
      case Passwords.Change.Done there ->
          form.wantsPage() ? Reply.page(200, pages.message(done)) : said("Password changed");
      case Passwords.Change.Refused(String why) -> {
        Refusal refusal = Refusal.of(request, Reason.MALFORMED_REQUEST, why, why);
        Optional<Account> person = passwords.resettable(token);
        yield form.wantsPage() && person.isPresent()
            ? Reply.asPage(refusal, resetPage(token, person.get(), why))
            : new Reply.Refused(refusal);
      }
      case Passwords.Change.Unavailable(Throwable cause) ->
          new Reply.Refused(unavailable(request, cause));
      case Passwords.Change.Rejected(Outcome.Rejected rejected) -> linkNotGood(form);
      case Passwords.Change.NotFound() -> linkNotGood(form);
    };
  }

  private Reply linkNotGood(FormRequest form) {
    return form.wantsPage()
        ? Reply.page(404, pages.message(Message.LINK_NOT_GOOD))
        : new Reply.Refused(
            Refusal.of(
                form.request(),
                Reason.NOT_FOUND,
                "The link was used, replaced or is too old: ask for a new one",
                "no such reset link"));
  }

  private Page resetPage(String token, Account person, @Nullable String problem) {
    return pages.resetPassword(new ResetPasswordPage(token, person.name(), minLength, problem));
  }

  private Optional<Account> signedIn(AuthRequest request) {
    if (Sessions.csrfToken(request).isEmpty()) {
      return Optional.empty();
    }
    return switch (decide(request, SESSION)) {
      case Decision.Admitted admitted ->
          Optional.ofNullable(admitted.principal())
              .flatMap(principal -> accounts.find(principal.subject()));
      // If the session can't be verified now, it is unknown whether somebody is signed in.
      case Decision.Refused(Refusal refusal)
          when refusal.reason() == Reason.UNAVAILABLE || refusal.reason() == Reason.THROTTLED ->
          throw new RefusedException(refusal);
      case Decision.Refused refused -> Optional.empty();
    };
  }

  private Decision decide(AuthRequest request, Policy policy) {
    return gate.recall(request, policy).orElseGet(() -> gate.admit(request, policy));
  }

  private Reply withCookie(Reply.Sent sent, String secret) {
    return Reply.withCookies(sent, List.of(cookie.holding(secret)));
  }

  private static Reply.Sent said(String message) {
    return Reply.json(200, new JsonObject().put("message", message));
  }

  // The message for a person who has just filled in a form.
  private static String problem(Refusal refusal) {
    return switch (refusal.reason()) {
      case INVALID_CREDENTIALS -> "The e-mail address or the password is wrong";
      case THROTTLED -> {
        Duration wait = refusal.retryAfter() == null ? Duration.ZERO : refusal.retryAfter();
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        yield "Too many attempts: try again in "
            + (seconds == 1 ? "a second" : seconds + " seconds");
      }
      case UNAVAILABLE -> "That did not work just now: try again in a moment";
      default -> refusal.detail();
    };
  }

  static Refusal unavailable(AuthRequest request, Throwable cause) {
    return Refusal.of(
        request,
        Reason.UNAVAILABLE,
        "The password could not be verified now: try again",
        FailureText.of(cause));
  }
}
