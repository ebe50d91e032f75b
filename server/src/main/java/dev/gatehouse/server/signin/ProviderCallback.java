package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.server.provider.Provider;
import dev.gatehouse.server.provider.ProviderException;
import dev.gatehouse.server.provider.VerifiedSignIn;
import dev.gatehouse.session.Sessions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Takes the provider's answer, which the browser brings back (RFC 6749 §4.1.2), and finishes the
/// attempt: it begins a session, hands a page a one-time code, or links an identity.
final class ProviderCallback {

  // Everyone may begin and finish sign-ins without a credential. So all sign-ins together have one
  // share of the record, and leave room for signed requests.
  private static final String SIGN_INS = "sign-ins";
  private static final int MAX_STATE = 128;

  // RFC 6749 §4.1.2, RFC 9207 §2: these parameters are read, and each may be there once. All other
  // parameters are ignored.
  private static final List<String> ANSWER_PARAMETERS =
      List.of("code", "state", "error", "iss", "response");

  private final ProviderContext context;
  private final Provider provider;
  private final ProviderSite site;
  private final Pages pages;
  private final ProviderPaths.Services services;
  private final ProviderRefusals refusals;
  private final SessionCookie sessionCookie;

  ProviderCallback(ProviderContext context, ProviderRefusals refusals) {
    this.context = context;
    this.provider = context.provider();
    this.site = context.site();
    this.pages = context.site().pages();
    this.services = context.services();
    this.refusals = refusals;
    this.sessionCookie = new SessionCookie(site.strictCookie());
  }

  /// Finishes the attempt that the answer belongs to.
  Reply callback(FormRequest form) {
    AuthRequest request = form.request();
    ANSWER_PARAMETERS.forEach(form::optional);
    String state = form.optional("state").orElse("");
    Optional<Attempt> found =
        state.isEmpty() || state.length() > MAX_STATE
            ? Optional.empty()
            : context
                .attempts()
                .find(request, state)
                // RFC 9700 §4.4: an answer counts only for the provider and the issuer that the
                // browser was sent to. The name of a provider in the configuration may have been
                // given to another issuer meanwhile.
                .filter(attempt -> attempt.asked().isOf(provider))
                // The configuration may have changed since the attempt was sealed.
                .filter(
                    attempt ->
                        attempt.page() == null || context.mayGetCode(attempt.returnTarget()));
    if (found.isEmpty()) {
      return refusals.attemptOver(
          form, "no attempt of this browser with this provider has that state");
    }
    Attempt attempt = found.get();
    Digest digest = Digest.sha256(("sign-in " + state).getBytes(StandardCharsets.UTF_8));
    Use use = new Use(Kind.SIGN_IN, SIGN_INS, digest, attempt.expiresAt(), attempt.expiresAt());
    Reply reply =
        switch (services.uses().record(use)) {
          case Recorded.First first -> cameBack(form, attempt);
          case Recorded.Again again -> refusals.attemptOver(form, "the state was used before");
          case Recorded.BeforeHorizon(Instant horizon) ->
              refusals.notNow(
                  form,
                  "attempts that end up to " + horizon + " were forgotten: the clock went back");
          case Recorded.Full full -> refusals.notNow(form, "the record of uses is full");
          case Recorded.ShareTaken taken ->
              refusals.notNow(form, "the share of sign-ins in the record of uses is taken");
        };
    return reply instanceof Reply.Sent sent
        ? Reply.withCookies(sent, List.of(context.attempts().letGo(state)))
        : reply;
  }

  private Reply cameBack(FormRequest form, Attempt attempt) {
    VerifiedSignIn proven;
    try {
      proven =
          provider.prove(
              form.parameters(),
              attempt.secrets(),
              site.redirect(provider.name()),
              ProviderContext.maxAge(attempt));
    } catch (ProviderException failed) {
      return refusals.failed(form, failed, attempt.returnTarget());
    }
    return attempt.linking() == null
        ? arrived(form, attempt, proven)
        : linked(form, attempt.linking(), proven);
  }

  private Reply arrived(FormRequest form, Attempt attempt, VerifiedSignIn proven) {
    return switch (services
        .links()
        .signIn(proven.who(), context.terms().allow(), attempt.invitation())) {
      case Links.SignInResult.SignedIn signedIn -> {
        keep(signedIn.link(), proven);
        yield attempt.page() == null
            ? withSession(form, signedIn.signIn(), proven.authenticatedAt(), attempt.returnTarget())
            : Reply.seeOther(
                withCode(
                    attempt.returnTarget(),
                    services.codes().issue(signedIn.signIn(), attempt.page().codeChallenge()),
                    attempt.page().state()));
      }
      case Links.SignInResult.Refused(String why) -> refusals.notLetIn(form, why);
      // The answer is the same as for a person without an account. A person who has one signs in as
      // before, and links the identity.
      case Links.SignInResult.HasAccount() ->
          refusals.notLetIn(
              form,
              "there is an account with that e-mail address: its owner can link the identity");
      case Links.SignInResult.InvitationNotGood() ->
          refusals.invitationNotGood(form, "the invitation was used, withdrawn or is over");
      case Links.SignInResult.InvitationOfAnother(String why) ->
          refusals.invitationNotGood(form, why);
    };
  }

  private void keep(Link link, VerifiedSignIn proven) {
    if (context.terms().keepTokens()) {
      services.tokens().keep(link.id(), link.issuer(), proven.token());
    }
  }

  private Reply withSession(
      FormRequest form, SignIn signIn, @Nullable Instant authenticatedAt, String target) {
    Sessions.Begun begun =
        services.sessions().begin(signIn, form.agent(), form.request().peer(), authenticatedAt);
    services.sessions().endOf(form.request()); // one browser, one session: as with a password
    // A strict cookie stays behind with redirects that another site began (RFC 6265bis §5.2): the
    // gate's own page leads on.
    Reply.Sent on =
        site.strictCookie()
            ? Reply.page(200, pages.leaving(new LeavingPage(site.realm(), site.at(target))))
            : Reply.seeOther(target);
    return Reply.withCookies(on, List.of(sessionCookie.holding(begun.secret())));
  }

  // RFC 6749 §4.1.2. The path has no query and no fragment. The code is no token: it can be
  // exchanged only with the code verifier of the page.
  private static String withCode(String path, String code, @Nullable String state) {
    return path
        + "?code="
        + URLEncoder.encode(code, StandardCharsets.UTF_8)
        + (state == null ? "" : "&state=" + URLEncoder.encode(state, StandardCharsets.UTF_8));
  }

  private Reply linked(FormRequest form, Attempt.Linking linking, VerifiedSignIn proven) {
    // Read first: if sign-ins are ended after that, the link is refused for the account's
    // generation.
    Optional<Account> owner = services.accounts().find(linking.account());
    if (owner.isEmpty() || !isStillHere(form.request(), linking)) {
      return refusals.attemptOver(form, "the session that began to link is not here any more");
    }
    return switch (services.links().link(owner.get(), proven.who())) {
      case Links.LinkResult.Linked(Link link) -> onToAccount(link, proven);
      case Links.LinkResult.AlreadyLinked(Link link) -> onToAccount(link, proven);
      case Links.LinkResult.OfAnother() ->
          refusals.refused(
              form,
              refusals.refusal(
                  form, "That identity is linked to another account", "linked to another"),
              id -> RefusedPage.linkedToAnother(provider.label(), id, site.accountPath()));
      case Links.LinkResult.TooMany() ->
          refusals.refused(
              form,
              refusals.refusal(
                  form,
                  "An account has at most " + Links.MAX_LINKS + " links: remove one",
                  "too many links"),
              id ->
                  new RefusedPage(
                      "There is no room for another link",
                      "Remove one that you do not need.",
                      id,
                      new PageLink("Back to your account", site.accountPath())));
      case Links.LinkResult.SignedOut() ->
          refusals.attemptOver(form, "the account's sign-ins were ended");
    };
  }

  private Reply onToAccount(Link link, VerifiedSignIn proven) {
    keep(link, proven);
    String target = site.accountPath() + "?done=linked";
    return site.strictCookie()
        ? Reply.page(200, pages.leaving(new LeavingPage(site.realm(), site.at(target))))
        : Reply.seeOther(target);
  }

  // It must be the session that began the link: not a later session of this browser, and not one
  // that has ended. The browser does not send a strict cookie after a redirect from another site.
  // Then the store must know the session.
  private boolean isStillHere(AuthRequest request, Attempt.Linking linking) {
    if (site.strictCookie() && Sessions.csrfToken(request).isEmpty()) {
      return services.sessions().isLive(linking.account(), linking.session());
    }
    return switch (context.judgeSession(request)) {
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
}
