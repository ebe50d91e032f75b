package dev.gatehouse.server.signin;

import dev.gatehouse.Gate;
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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Where people see what is theirs here, and end it: pages for browsers, without a script.
public final class AccountPaths {

  // What a page may be asked to say: never in words that come with the request.
  private static final Map<String, String> NOTICES =
      Map.of(
          "ended", "That is over.",
          "revoked", "That is revoked.",
          "unlinked", "That account is unlinked. You are signed out everywhere but here.",
          "linked", "That account is linked: you can sign in with it from now on.");

  private final Gate gate;
  private final Admissions admissions;
  private final Accounts accounts;
  private final Passwords passwords;
  private final Sessions sessions;
  private final Belongings belongings;
  private final Pages pages;
  private final SessionCookie cookie;
  private final String prefix;
  private final Clock clock;

  /// @param prefix of the gate's own paths
  public AccountPaths(
      Admissions admissions,
      Accounts accounts,
      Passwords passwords,
      Sessions sessions,
      Belongings belongings,
      Pages pages,
      String prefix,
      boolean strictCookie,
      Clock clock) {
    this.gate = admissions.gate();
    this.admissions = admissions;
    this.accounts = accounts;
    this.passwords = passwords;
    this.sessions = sessions;
    this.belongings = belongings;
    this.pages = pages;
    this.cookie = new SessionCookie(strictCookie);
    this.prefix = prefix;
    this.clock = clock;
  }

  /// Where the account page is, under that prefix.
  public static String accountPath(String prefix) {
    return prefix + "/account";
  }

  /// Every path, with what serves it.
  public Map<String, OwnPath> paths() {
    return Map.of(
        accountPath(prefix),
        endpoint(Map.of("GET", here(this::show, visit -> accountPath(prefix)))),
        accountPath(prefix) + "/end",
        endpoint(
            Map.of("GET", here(this::ask, this::endPath), "POST", here(this::end, this::endPath))),
        accountPath(prefix) + "/sign-out",
        endpoint(Map.of("POST", here(this::signOutEverywhere, visit -> accountPath(prefix)))));
  }

  private OwnPath endpoint(Map<String, Endpoint.Action> byMethod) {
    return new Endpoint(admissions, new CorsAnswer(CorsPolicy.NONE, Set.of()), byMethod);
  }

  // A person who is not signed in is sent to sign in, and then back.
  private Endpoint.Action here(
      BiFunction<Visit, Person, Reply> answer, Function<Visit, String> back) {
    return visit -> {
      try {
        return Person.at(visit.request(), gate, sessions)
            .map(person -> answer.apply(visit, person))
            .orElseGet(
                () ->
                    Person.signInFirst(
                        visit,
                        gate,
                        Person.NOT_SIGNED_IN,
                        SignInPaths.leadingTo(prefix, back.apply(visit))));
      } catch (StoreUnavailableException unavailable) {
        return refused(
            visit,
            Refusal.of(
                visit.request(),
                Reason.UNAVAILABLE,
                "A store does not answer: try again",
                unavailable.toString()),
            refusal -> RefusedPage.unavailable(refusal.id(), accountPath(prefix)));
      } catch (RefusedException refused) {
        if (refused.refusal().reason() != Reason.UNAVAILABLE) {
          throw refused;
        }
        return refused(
            visit,
            refused.refusal(),
            refusal -> RefusedPage.unavailable(refusal.id(), accountPath(prefix)));
      }
    };
  }

  private Reply show(Visit visit, Person person) {
    Account account = person.account();
    List<AccountPage.Linkable> linkable =
        belongings.linkable(person).stream()
            .map(
                provider ->
                    new AccountPage.Linkable(
                        provider.label(), ProviderButtons.linkPath(prefix, provider.name())))
            .toList();
    return Reply.page(
        200,
        pages.account(
            new AccountPage(
                account.name(),
                account.email(),
                passwords.isSet(account.id()),
                visit.optional("done").map(NOTICES::get).orElse(null),
                belongings.of(person),
                linkable)));
  }

  private Reply ask(Visit visit, Person person) {
    Optional<Belongings.Found> found = belongings.find(person, visit.text("id"));
    if (found.isEmpty()) {
      return notThere(visit);
    }
    Belonging.Warning warning = found.get().kind().warning();
    if (warning == null) {
      return Reply.seeOther(accountPath(prefix));
    }
    return person.signedInLately(clock.instant())
        ? Reply.page(
            200,
            pages.confirm(new ConfirmPage(warning.question(), warning.text(), found.get().entry())))
        : signInAgain(visit);
  }

  private Reply end(Visit visit, Person person) {
    String id = visit.text("id");
    Optional<Belongings.Found> found = belongings.find(person, id);
    if (found.isEmpty()) {
      return notThere(visit);
    }
    Belonging<?> kind = found.get().kind();
    if (kind.warning() != null && !person.signedInLately(clock.instant())) {
      return signInAgain(visit);
    }
    return switch (kind.ending().apply(person, id)) {
      case Belonging.Ending.Done() ->
          id.equals(person.session().id())
              ? signedOut(Message.SIGNED_OUT)
              : done(kind.warning() == null ? "ended" : "revoked");
      case Belonging.Ending.SignedOut(Account account) ->
          Reply.withCookies(
              done("unlinked"),
              List.of(
                  cookie.holding(
                      sessions
                          .begin(
                              new SignIn(account, person.session().signedInBy()),
                              visit.agent(),
                              visit.request().peer(),
                              person.session().authenticatedAt())
                          .secret())));
      case Belonging.Ending.Gone() -> notThere(visit);
      case Belonging.Ending.Refused(String why) ->
          refused(
              visit,
              Refusal.of(visit.request(), Reason.MALFORMED_REQUEST, why, why),
              refusal ->
                  new RefusedPage(
                      "That stays as it is",
                      why,
                      null,
                      new PageLink("Back to your account", accountPath(prefix))));
    };
  }

  private Reply signInAgain(Visit visit) {
    return Person.signInFirst(
        visit, gate, Person.NOT_LATELY, SignInPaths.again(prefix, endPath(visit)));
  }

  private Reply signOutEverywhere(Visit visit, Person person) {
    return switch (accounts.endSignIns(person.account().id())) {
      case Accounts.Change.Done done -> signedOut(Message.SIGNED_OUT_EVERYWHERE);
      case Accounts.Change.NotFound() -> notThere(visit);
      case Accounts.Change.Refused(String why) ->
          new Reply.Refused(
              Refusal.of(visit.request(), Reason.UNAVAILABLE, "Try again in a moment", why));
    };
  }

  private Reply signedOut(Message message) {
    return Reply.withCookies(Reply.page(200, pages.message(message)), List.of(cookie.takenBack()));
  }

  private Reply.Sent done(String what) {
    return Reply.seeOther(accountPath(prefix) + "?done=" + what);
  }

  // What somebody else has is not told from what is not there.
  private Reply notThere(Visit visit) {
    return refused(
        visit,
        Refusal.of(
            visit.request(),
            Reason.NOT_FOUND,
            "Nothing of that id is yours",
            "nothing of that id is this person's"),
        refusal ->
            new RefusedPage(
                "There is no such thing",
                "It was ended already, or was never yours.",
                null,
                new PageLink("Back to your account", accountPath(prefix))));
  }

  private Reply refused(Visit visit, Refusal refusal, Function<Refusal, RefusedPage> page) {
    return visit.wantsPage()
        ? Reply.asPage(refusal, pages.refused(page.apply(refusal)))
        : new Reply.Refused(refusal);
  }

  // A page, also for what a form was to do: nothing is done by coming back.
  private String endPath(Visit visit) {
    return accountPath(prefix)
        + "/end?id="
        + URLEncoder.encode(visit.text("id"), StandardCharsets.UTF_8);
  }
}
