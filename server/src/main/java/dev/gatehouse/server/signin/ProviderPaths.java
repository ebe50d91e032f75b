package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ProviderTokens;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.throttle.FailedAttempts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The paths of one provider: where a sign-in or a link begins, and where the provider sends the
/// browser back.
public final class ProviderPaths {

  /// The settings of one provider.
  ///
  /// @param allow who gets an account without an invitation
  /// @param keepTokens whether the tokens that the provider issues are stored
  public record Terms(AllowList allow, boolean keepTokens) {}

  /// The services that all providers share.
  ///
  /// @param codes for pages that exchange them for tokens
  /// @param uses the record of attempts that came back
  /// @param visits counts the sign-ins that begin and come back, by address
  public record Services(
      Accounts accounts,
      Links links,
      ProviderTokens tokens,
      Sessions sessions,
      Invitations invitations,
      OneTimeCodes codes,
      ReplayStore uses,
      FailedAttempts visits) {}

  private final ProviderContext context;
  private final ProviderRefusals refusals;
  private final ProviderSignInStart start;
  private final ProviderCallback callback;

  ProviderPaths(ProviderContext context) {
    this.context = context;
    this.refusals = new ProviderRefusals(context);
    this.start = new ProviderSignInStart(context, refusals);
    this.callback = new ProviderCallback(context, refusals);
  }

  /// Every path with its handler.
  Map<String, OwnPath> paths() {
    String path = ProviderButtons.startPath(context.site().prefix(), context.provider().name());
    return Map.of(
        path,
        endpoint("GET", start::start),
        path + "/callback",
        endpoint("GET", callback::callback),
        path + "/link",
        endpoint("POST", start::link));
  }

  private OwnPath endpoint(String method, Endpoint.Action action) {
    return new Endpoint(
        context.admissions(),
        new CorsAnswer(CorsPolicy.NONE, Set.of()),
        Map.of(method, form -> withoutReferrer(answered(form, action))),
        (request, why) -> withoutReferrer(refusals.malformed(request, why)));
  }

  // The address holds the code and the state. No later request may send it as `Referer` (RFC 9700
  // §4.2.4).
  private static Reply withoutReferrer(Reply reply) {
    return reply instanceof Reply.Sent sent
        ? Reply.with(sent, "Referrer-Policy", List.of("no-referrer"))
        : reply;
  }

  private Reply answered(FormRequest form, Endpoint.Action action) {
    AuthRequest request = form.request();
    // This comes before anything is counted. Another site's page sent a hidden request, and could
    // use up the sign-ins of its visitor's address.
    if (FetchMetadata.isHidden(request)) {
      return refusals.refused(
          form,
          Refusal.of(
              request,
              Reason.CSRF,
              "A sign-in begins and ends with a page that a person opens",
              "another site's page, in a frame, as a picture or as a prefetch"),
          id -> RefusedPage.attemptOver(id, context.site().signInPath()));
    }
    try {
      Optional<Refusal> mustWait = mustWait(request);
      return mustWait.isPresent()
          ? refusals.refused(
              form, mustWait.get(), id -> RefusedPage.unavailable(id, context.site().signInPath()))
          : action.apply(form);
    } catch (RefusedException refused) {
      return refusals.refused(
          form, refused.refusal(), id -> RefusedPage.unavailable(id, context.site().signInPath()));
    } catch (StoreUnavailableException unavailable) {
      return refusals.refused(
          form,
          Refusal.of(
              request,
              Reason.UNAVAILABLE,
              "A store does not answer: try again",
              unavailable.toString()),
          id -> RefusedPage.unavailable(id, context.site().signInPath()));
    }
  }

  private Optional<Refusal> mustWait(AuthRequest request) {
    Optional<Refusal> failures = context.gate().mustWait(request, context.method());
    if (failures.isPresent()) {
      return failures;
    }
    return context
        .services()
        .visits()
        .count(request.peer())
        .map(
            wait ->
                context
                    .gate()
                    .refuse(
                        request,
                        new Outcome.Rejected(
                            Reason.THROTTLED,
                            "Too many sign-ins came from this address",
                            "sign-ins of this address",
                            wait),
                        context.method()));
  }
}
