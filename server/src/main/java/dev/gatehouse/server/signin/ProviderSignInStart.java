package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CsrfCheck;
import dev.gatehouse.Decision;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.server.provider.AttemptSecrets;
import dev.gatehouse.server.provider.Provider;
import dev.gatehouse.server.provider.ProviderException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sends a browser to the provider: to sign in, or to link an identity to an account.
final class ProviderSignInStart {

  private static final int MAX_PAGE_STATE = 256;
  private static final int MAX_INVITATION = 256;

  private final ProviderContext context;
  private final Provider provider;
  private final ProviderSite site;
  private final Pages pages;
  private final ProviderPaths.Services services;
  private final ProviderRefusals refusals;

  ProviderSignInStart(ProviderContext context, ProviderRefusals refusals) {
    this.context = context;
    this.provider = context.provider();
    this.site = context.site();
    this.pages = context.site().pages();
    this.services = context.services();
    this.refusals = refusals;
  }

  /// Begins a sign-in.
  ///
  /// A link of another site, for example of a portal, may begin a sign-in. The sign-in ends with
  /// the person whom the provider knows in this browser, and never with a person that the other
  /// site chose: an answer counts only for an attempt of this browser (RFC 6749 §10.12).
  Reply start(FormRequest form) {
    AuthRequest request = form.request();
    // The code challenge decides who can exchange the code. With a challenge of another site, that
    // site could.
    if (form.optional("code_challenge").isPresent() && !CsrfCheck.isFromThisOrigin(request)) {
      return refusals.refused(
          form,
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
    Optional<String> target = ReturnTarget.parse(form.optional("return"), site.prefix());
    Optional<String> invitation = form.optional("invitation");
    if (invitation.isPresent() && invitation.get().length() > MAX_INVITATION) {
      throw new FormRequest.BadInputException("'invitation' is too long to be one");
    }
    Attempt.PageClient page = pageClient(form);
    if (page == null && !site.sessions()) {
      throw new FormRequest.BadInputException(
          "There are no sessions here: send 'code_challenge', and exchange the code for tokens");
    }
    return leave(
        form,
        new Attempt(
            asked(form.optional("again").isPresent()),
            AttemptSecrets.random(),
            target.orElse(site.signInPath()),
            context.clock().instant().plus(AttemptCookies.ATTEMPT_LIFETIME),
            null,
            invitation.orElse(null),
            page));
  }

  // RFC 7636 §4.3. The method `plain` shows the verifier to everyone who sees the address (RFC 9700
  // §2.1.1).
  private Attempt.@Nullable PageClient pageClient(FormRequest form) {
    Optional<String> challenge = form.optional("code_challenge");
    if (challenge.isEmpty()) {
      return null;
    }
    if (site.codeReturnPaths().isEmpty()) {
      throw new FormRequest.BadInputException(
          "No page gets a code here: leave 'code_challenge' out");
    }
    if (!form.optional("code_challenge_method").equals(Optional.of("S256"))
        || !OneTimeCodes.isChallenge(challenge.get())) {
      throw new FormRequest.BadInputException(
          "'code_challenge' is the base64url of the verifier's SHA-256, and"
              + " 'code_challenge_method' is S256");
    }
    if (form.optional("return").filter(context::mayGetCode).isEmpty()) {
      throw new FormRequest.BadInputException(
          "'return' is exactly one of the paths that 'methods.oauth.codeReturnPaths' lists");
    }
    Optional<String> state = form.optional("state");
    if (state.isPresent() && state.get().length() > MAX_PAGE_STATE) {
      throw new FormRequest.BadInputException(
          "'state' has at most " + MAX_PAGE_STATE + " characters");
    }
    return new Attempt.PageClient(challenge.get(), state.orElse(null));
  }

  private Reply leave(FormRequest form, Attempt attempt) {
    String location;
    try {
      location =
          provider
              .authorization(
                  attempt.secrets(),
                  site.redirect(provider.name()),
                  ProviderContext.maxAge(attempt))
              .toString();
    } catch (ProviderException failed) {
      return refusals.failed(form, failed, attempt.returnTarget());
    }
    List<String> cookies =
        context
            .attempts()
            .keep(attempt, site.signInPath(), form.request())
            .orElseThrow(() -> new FormRequest.BadInputException("'state' is too long"));
    return Reply.withCookies(
        attempt.linking() != null && form.wantsPage()
            ? Reply.page(200, pages.leaving(new LeavingPage(provider.label(), location)))
            : Reply.seeOther(location),
        cookies);
  }

  /// Begins to link an identity at the provider to the account of the person who is signed in.
  ///
  /// Linking adds a way of signing in. So the request must come from a page of this origin, and the
  /// person must have signed in recently.
  Reply link(FormRequest form) {
    if (context.judgeSession(form.request()) instanceof Decision.Refused(Refusal refusal)) {
      return new Reply.Refused(refusal);
    }
    Optional<Person> person = Person.at(form.request(), context.gate(), services.sessions());
    if (person.isEmpty() || !person.get().signedInRecently(context.clock().instant())) {
      return Person.signInFirst(
          form,
          context.gate(),
          Person.NOT_SIGNED_IN_RECENTLY,
          SignInPaths.again(site.prefix(), site.accountPath()));
    }
    return leave(
        form,
        new Attempt(
            asked(false),
            AttemptSecrets.random(),
            site.accountPath(),
            context.clock().instant().plus(AttemptCookies.ATTEMPT_LIFETIME),
            new Attempt.Linking(person.get().account().id(), person.get().session().id()),
            null,
            null));
  }

  private Attempt.Asked asked(boolean recently) {
    return Attempt.Asked.of(provider, recently);
  }
}
