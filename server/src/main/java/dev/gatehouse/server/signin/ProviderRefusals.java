package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.BrowserDetection;
import dev.gatehouse.FailureText;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.server.provider.Provider;
import dev.gatehouse.server.provider.ProviderException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;

/// What the paths of one provider answer when a sign-in does not succeed. For a browser it is a
/// page that says what to do next.
final class ProviderRefusals {

  private final ProviderContext context;
  private final Provider provider;
  private final ProviderSite site;
  private final Pages pages;

  ProviderRefusals(ProviderContext context) {
    this.context = context;
    this.provider = context.provider();
    this.site = context.site();
    this.pages = context.site().pages();
  }

  /// The refusal: as a page for a browser, as a document for a program.
  ///
  /// @param page for the id of the refusal
  Reply refused(FormRequest form, Refusal refusal, Function<String, RefusedPage> page) {
    if (!form.wantsPage()) {
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

  /// The provider could not be asked, declined, or answered what can't be trusted.
  Reply failed(FormRequest form, ProviderException failed, String returnTarget) {
    AuthRequest request = form.request();
    String cause = provider.name() + ": " + FailureText.of(failed);
    return switch (failed.kind()) {
      case UNAVAILABLE ->
          refused(
              form,
              Refusal.of(
                  request,
                  Reason.UNAVAILABLE,
                  provider.label() + " does not answer as it should: try again in a moment",
                  cause),
              id -> RefusedPage.providerFailed(provider.label(), id, again(returnTarget)));
      case DECLINED ->
          refused(
              form,
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
              form,
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

  /// The provider knows the person, and the person may not sign in here.
  Reply notLetIn(FormRequest form, String why) {
    return refused(
        form,
        refusal(
            form,
            "Who you are at " + provider.label() + " may not sign in here: ask for an invitation",
            provider.name() + ": " + why),
        id -> RefusedPage.notLetIn(provider.label(), id, site.signInPath()));
  }

  /// The invitation does not let this person in.
  Reply invitationNotGood(FormRequest form, String why) {
    return refused(
        form,
        refusal(form, "The invitation is not good for you: ask for a new one", why),
        id ->
            new RefusedPage(
                "This invitation is not good",
                "It works once, for a while, and for the address that it names if it names one."
                    + " Ask for a new one.",
                id,
                null));
  }

  /// The answer belongs to no attempt of this browser that is still open.
  Reply attemptOver(FormRequest form, String why) {
    return refused(
        form,
        Refusal.of(
            form.request(),
            Reason.MALFORMED_REQUEST,
            "This answer belongs to no sign-in that this browser began and did not finish: begin"
                + " again",
            provider.name() + ": " + why),
        id -> RefusedPage.attemptOver(id, site.signInPath()));
  }

  /// The sign-in can't be finished now.
  Reply notNow(FormRequest form, String why) {
    return refused(
        form,
        Refusal.of(
            form.request(),
            Reason.UNAVAILABLE,
            "The sign-in can't be finished now: begin again later",
            why),
        id -> RefusedPage.unavailable(id, site.signInPath()));
  }

  /// A parameter is wrong.
  Reply malformed(AuthRequest request, String why) {
    Refusal refusal =
        Refusal.of(request, Reason.MALFORMED_REQUEST, why, "filled in wrongly: " + why);
    return BrowserDetection.isNavigation(request)
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

  /// A refusal of the sign-in that does not count as a failed attempt.
  Refusal refusal(FormRequest form, String detail, String cause) {
    return Refusal.of(form.request(), Reason.SIGN_IN_REFUSED, detail, cause);
  }

  // An invented code costs the provider a request, so it counts as a failed attempt.
  private Refusal counted(AuthRequest request, String detail, String cause) {
    return context
        .gate()
        .refuse(
            request,
            new Outcome.Rejected(Reason.SIGN_IN_REFUSED, detail, cause, null, true, null),
            context.method());
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
}
