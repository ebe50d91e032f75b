package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import java.util.Map;
import java.util.Set;

/// Serves the link of an invitation: the person chooses a provider there. Opening the link does not
/// spend the invitation.
final class InvitedPath {

  private final Admissions admissions;
  private final Invitations invitations;
  private final ProviderButtons buttons;
  private final Pages pages;

  InvitedPath(
      Admissions admissions, Invitations invitations, ProviderButtons buttons, Pages pages) {
    this.admissions = admissions;
    this.invitations = invitations;
    this.buttons = buttons;
    this.pages = pages;
  }

  /// The path with its handler.
  Map<String, OwnPath> path() {
    return Map.of(
        SignInPaths.invitedPath(buttons.prefix()),
        new Endpoint(
            admissions, new CorsAnswer(CorsPolicy.NONE, Set.of()), Map.of("GET", this::invited)));
  }

  private Reply invited(FormRequest form) {
    String token = form.optional("token").orElse("");
    return invitations
        .peek(token)
        .<Reply>map(
            invitation ->
                Reply.page(
                    200,
                    pages.invited(
                        new InvitedPage(
                            invitation.email(), invitation.expiresAt(), buttons.invited(token)))))
        .orElseGet(() -> notGood(form));
  }

  private Reply notGood(FormRequest form) {
    AuthRequest request = form.request();
    return form.wantsPage()
        ? Reply.page(404, pages.message(Message.LINK_NOT_GOOD))
        : new Reply.Refused(
            Refusal.of(
                request,
                Reason.NOT_FOUND,
                "The invitation was used, withdrawn or is too old: ask for a new one",
                "no such invitation"));
  }
}
