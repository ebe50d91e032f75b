package dev.gatehouse.server.admin;

import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.session.StoredSession;
import io.vertx.core.json.JsonObject;
import java.util.List;

/// Sessions: an administrator lists and ends them.
public final class SessionCalls implements CallGroup {

  private final Sessions sessions;
  private final AccountCalls accounts;

  public SessionCalls(Sessions sessions, AccountCalls accounts) {
    this.sessions = sessions;
    this.accounts = accounts;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/sessions", "owner", this::listSessions),
        Call.of("POST", "/sessions/([^/]+)/end", this::endSession));
  }

  private AdminApi.Answer listSessions(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                sessions.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                this::json,
                owned -> owned.session().id()));
  }

  private AdminApi.Answer endSession(Input input) {
    return sessions.end(input.name())
        ? Call.ok(new JsonObject().put("id", input.name()).put("live", false))
        : Call.notFound("There is no session of that id");
  }

  private JsonObject json(SessionStore.Owned owned) {
    StoredSession session = owned.session();
    return new JsonObject()
        .put("id", session.id())
        .put("owner", session.account())
        .put("ownerName", owned.owner().name())
        .put("live", sessions.isLive(owned))
        .put("createdAt", session.createdAt().toString())
        .put("lastSeenAt", session.lastSeenAt().toString())
        .put("expiresAt", session.expiresAt().toString())
        .put("agent", session.agent())
        .put("address", session.address());
  }
}
