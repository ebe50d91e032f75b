package dev.gatehouse.server.admin;

import dev.gatehouse.RecentRefusals;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/// Why requests were refused.
public final class RefusalCalls implements CallGroup {

  private final RecentRefusals refusals;

  public RefusalCalls(RecentRefusals refusals) {
    this.refusals = refusals;
  }

  @Override
  public List<Call> all() {
    return List.of(Call.of("GET", "/refusals/([^/]+)", this::show));
  }

  private AdminApi.Answer show(Input input) {
    return refusals
        .find(input.name())
        .map(entry -> Call.ok(json(entry)))
        .orElseGet(
            () ->
                Call.notFound(
                    "There is no refusal of that id in memory, which keeps the latest since the"
                        + " gate began: look for it in the audit log; where that has no line of it,"
                        + " it was one of many, which the log counts together"));
  }

  private static JsonObject json(RecentRefusals.Entry entry) {
    JsonObject refusal =
        new JsonObject()
            .put("id", entry.id())
            .put("at", entry.at().toString())
            .put("status", entry.reason().status())
            .put("code", entry.reason().code())
            .put("request", entry.request())
            .put("peer", entry.peer())
            .put("detail", entry.detail())
            .put("cause", entry.cause());
    if (entry.explanation() != null) {
      refusal
          .put("signed", entry.explanation().signed())
          .put("hints", new JsonArray(entry.explanation().hints()));
    }
    return refusal;
  }
}
