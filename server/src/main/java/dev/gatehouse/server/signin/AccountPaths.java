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

/// The paths of the account page, where people see what belongs to them and end it. The pages are
/// for browsers and need no script.
public final class AccountPaths {

  // The notices that a link may select. A page never shows words that come with the request.
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
  private final AccountItems items;
  private final Pages pages;
  private final SessionCookie cookie;
  private final String prefix;
  private final Clock clock;

  /// @param admissions for sign-ins alone: they wait for slow hashes
  public AccountPaths(
      Admissions admissions, SignInServices services, SignInSite site, AccountItems items) {
    this.gate = admissions.gate();
    this.admissions = admissions;
    this.accounts = services.accounts();
    this.passwords = services.passwords();
    this.sessions = services.sessions();
    this.items = items;
    this.pages = site.pages();
    this.cookie = new SessionCookie(site.strictCookie());
    this.prefix = site.prefix();
    this.clock = services.clock();
  }

  /// Where the account page is, under that prefix.
  public static String accountPath(String prefix) {
    return prefix + "/account";
  }

  /// Every path with its handler.
  public Map<String, OwnPath> paths() {
    return Map.of(
        accountPath(prefix),
        endpoint(Map.of("GET", here(this::show, form -> accountPath(prefix)))),
        accountPath(prefix) + "/end",
        endpoint(
            Map.of("GET", here(this::ask, this::endPath), "POST", here(this::end, this::endPath))),
        accountPath(prefix) + "/sign-out",
        endpoint(Map.of("POST", here(this::signOutEverywhere, form -> accountPath(prefix)))));
  }

  private OwnPath endpoint(Map<String, Endpoint.Action> byMethod) {
    return new Endpoint(admissions, new CorsAnswer(CorsPolicy.NONE, Set.of()), byMethod);
  }

  // A person who is not signed in is sent to sign in, and then back.
  private Endpoint.Action here(
      BiFunction<FormRequest, Person, Reply> answer, Function<FormRequest, String> back) {
    return form -> {
      try {
        return Person.at(form.request(), gate, sessions)
            .map(person -> answer.apply(form, person))
            .orElseGet(
                () ->
                    Person.signInFirst(
                        form,
                        gate,
                        Person.NOT_SIGNED_IN,
                        SignInPaths.leadingTo(prefix, back.apply(form))));
      } catch (StoreUnavailableException unavailable) {
        return refused(
            form,
            Refusal.of(
                form.request(),
                Reason.UNAVAILABLE,
                "A store does not answer: try again",
                unavailable.toString()),
            refusal -> RefusedPage.unavailable(refusal.id(), accountPath(prefix)));
      } catch (RefusedException refused) {
        if (refused.refusal().reason() != Reason.UNAVAILABLE) {
          throw refused;
        }
        return refused(
            form,
            refused.refusal(),
            refusal -> RefusedPage.unavailable(refusal.id(), accountPath(prefix)));
      }
    };
  }

  private Reply show(FormRequest form, Person person) {
    Account account = person.account();
    List<AccountPage.Linkable> linkable =
        items.linkable(person).stream()
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
                form.optional("done").map(NOTICES::get).orElse(null),
                items.of(person),
                linkable)));
  }

  private Reply ask(FormRequest form, Person person) {
    Optional<AccountItems.Found> found = items.find(person, form.text("id"));
    if (found.isEmpty()) {
      return notThere(form);
    }
    AccountItemKind.Warning warning = found.get().kind().warning();
    if (warning == null) {
      return Reply.seeOther(accountPath(prefix));
    }
    return person.signedInRecently(clock.instant())
        ? Reply.page(
            200,
            pages.confirm(new ConfirmPage(warning.question(), warning.text(), found.get().entry())))
        : signInAgain(form);
  }

  private Reply end(FormRequest form, Person person) {
    String id = form.text("id");
    Optional<AccountItems.Found> found = items.find(person, id);
    if (found.isEmpty()) {
      return notThere(form);
    }
    AccountItemKind<?> kind = found.get().kind();
    if (kind.warning() != null && !person.signedInRecently(clock.instant())) {
      return signInAgain(form);
    }
    return switch (kind.ending().apply(person, id)) {
      case AccountItemKind.Ending.Done() ->
          id.equals(person.session().id())
              ? signedOut(Message.SIGNED_OUT)
              : done(kind.warning() == null ? "ended" : "revoked");
      case AccountItemKind.Ending.SignedOut(Account account) ->
          Reply.withCookies(
              done("unlinked"),
              List.of(
                  cookie.holding(
                      sessions
                          .begin(
                              new SignIn(account, person.session().signedInBy()),
                              form.agent(),
                              form.request().peer(),
                              person.session().authenticatedAt())
                          .secret())));
      case AccountItemKind.Ending.Gone() -> notThere(form);
      case AccountItemKind.Ending.Refused(String why) ->
          refused(
              form,
              Refusal.of(form.request(), Reason.MALFORMED_REQUEST, why, why),
              refusal ->
                  new RefusedPage(
                      "That stays as it is",
                      why,
                      null,
                      new PageLink("Back to your account", accountPath(prefix))));
    };
  }

  private Reply signInAgain(FormRequest form) {
    return Person.signInFirst(
        form, gate, Person.NOT_SIGNED_IN_RECENTLY, SignInPaths.again(prefix, endPath(form)));
  }

  private Reply signOutEverywhere(FormRequest form, Person person) {
    return switch (accounts.endSignIns(person.account().id())) {
      case Accounts.Change.Done done -> signedOut(Message.SIGNED_OUT_EVERYWHERE);
      case Accounts.Change.NotFound() -> notThere(form);
      case Accounts.Change.Refused(String why) ->
          new Reply.Refused(
              Refusal.of(form.request(), Reason.UNAVAILABLE, "Try again in a moment", why));
    };
  }

  private Reply signedOut(Message message) {
    return Reply.withCookies(Reply.page(200, pages.message(message)), List.of(cookie.takenBack()));
  }

  private Reply.Sent done(String what) {
    return Reply.seeOther(accountPath(prefix) + "?done=" + what);
  }

  // The answer is the same for an item of another person and for one that does not exist.
  private Reply notThere(FormRequest form) {
    return refused(
        form,
        Refusal.of(
            form.request(),
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

  private Reply refused(FormRequest form, Refusal refusal, Function<Refusal, RefusedPage> page) {
    return form.wantsPage()
        ? Reply.asPage(refusal, pages.refused(page.apply(refusal)))
        : new Reply.Refused(refusal);
  }

  // The address of the page, also after a form: coming back to it ends nothing.
  private String endPath(FormRequest form) {
    return accountPath(prefix)
        + "/end?id="
        + URLEncoder.encode(form.text("id"), StandardCharsets.UTF_8);
  }
}
