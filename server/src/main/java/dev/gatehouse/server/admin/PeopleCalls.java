package dev.gatehouse.server.admin;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.oauth.Invitation;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.Links;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// People who sign in with providers: whom they are linked to, and who is invited.
public final class PeopleCalls implements CallGroup {

  private final PeopleAdministration people;
  private final Accounts accounts;
  private final AccountCalls accountCalls;
  private final Clock clock;

  /// @param clock that says which invitations are over
  public PeopleCalls(
      PeopleAdministration people, Accounts accounts, AccountCalls accountCalls, Clock clock) {
    this.people = people;
    this.accounts = accounts;
    this.accountCalls = accountCalls;
    this.clock = clock;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/invitations", this::listInvitations),
        Call.of("POST", "/invitations", this::invite),
        Call.of("POST", "/invitations/([^/]+)/withdraw", this::withdraw),
        Call.of("GET", "/accounts/([^/]+)/links", this::listLinks),
        Call.of("POST", "/accounts/([^/]+)/links/([^/]+)/unlink", this::unlink));
  }

  private AdminApi.Answer invite(Input input) {
    JsonInput body = input.json("email", "roles", "scopes", "lifeSeconds");
    if (!people.anyProvider()) {
      return Call.refused(
          "No provider is configured with whom an invited person could sign in; name one under"
              + " methods, oauth, providers, or add the person and make a link to set a password");
    }
    Scopes scopes = body.optionalScopes("scopes");
    return switch (people
        .invitations()
        .issue(
            body.optionalText("email").orElse(null),
            body.texts("roles"),
            scopes == null ? Scopes.NONE : scopes,
            body.optionalNumber("lifeSeconds")
                .map(Duration::ofSeconds)
                .orElse(Invitations.DEFAULT_LIFE))) {
      case Invitations.InvitationIssuance.Refused(String why) -> Call.refused(why);
      case Invitations.InvitationIssuance.Issued(Invitation invitation, String token) ->
          new AdminApi.Answer.Json(
              201,
              json(invitation)
                  .put("link", people.invitedPage().get() + "?token=" + token)
                  .put("token", token));
    };
  }

  private AdminApi.Answer listInvitations(Input input) {
    return Call.page(
        people.invitations().list(input.parameter("after"), input.limit()),
        input.limit(),
        this::json,
        Invitation::id);
  }

  private AdminApi.Answer withdraw(Input input) {
    return people.invitations().withdraw(input.name())
        ? Call.ok(new JsonObject().put("id", input.name()).put("live", false))
        : Call.notFound("There is no invitation of that id that nobody has accepted");
  }

  private JsonObject json(Invitation invitation) {
    Instant now = clock.instant();
    return new JsonObject()
        .put("id", invitation.id())
        .put("email", invitation.email())
        .put("roles", new JsonArray(List.copyOf(invitation.roles())))
        .put("scopes", AccountCalls.array(invitation.scopes()))
        .put("live", invitation.isValid(now))
        .put("createdAt", invitation.createdAt().toString())
        .put("expiresAt", invitation.expiresAt().toString())
        .put("acceptedAt", Call.text(invitation.acceptedAt()))
        .put("account", invitation.account());
  }

  private AdminApi.Answer listLinks(Input input) {
    Optional<Account> account = accounts.find(input.name());
    if (account.isEmpty()) {
      return AccountCalls.none(input.name());
    }
    JsonArray items = new JsonArray();
    people.links().of(account.get().id()).forEach(link -> items.add(json(link)));
    return Call.ok(new JsonObject().put("items", items));
  }

  private static JsonObject json(Link link) {
    return new JsonObject()
        .put("id", link.id())
        .put("owner", link.account())
        .put("provider", link.provider())
        .put("issuer", link.issuer())
        .put("subject", link.subject())
        .put("label", link.label())
        .put("createdAt", link.createdAt().toString())
        .put("lastUsedAt", Call.text(link.lastUsedAt()));
  }

  private AdminApi.Answer unlink(Input input) {
    JsonInput body = input.json("force");
    boolean force = body.has("force") && body.flag("force");
    Optional<Account> account = accounts.find(input.name());
    if (account.isEmpty()) {
      return AccountCalls.none(input.name());
    }
    return switch (people.links().unlink(account.get().id(), input.secondName(), force)) {
      case Links.UnlinkResult.Done(Account unlinked) -> Call.ok(accountCalls.json(unlinked));
      case Links.UnlinkResult.NotFound() -> Call.notFound("The account has no link of that id");
      case Links.UnlinkResult.LastWayIn() ->
          Call.refused(
              "It is the only way in which '"
                  + account.get().name()
                  + "' can sign in: give them a password first, or say 'force'");
    };
  }
}
