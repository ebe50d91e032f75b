package dev.gatehouse.server.status;

import dev.gatehouse.Decision;
import dev.gatehouse.FailureText;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.signing.SigningKeys;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Serves `/whoami`, `/healthz`, `/readyz` and the key set.
public final class StatusPaths {

  private final Admissions admissions;
  private final Policy anyMethod;
  private final Revocations revocations;
  private final List<SigningKeys> signingKeys;
  private final Runnable ping;

  /// What readiness depends on.
  ///
  /// @param ping asks the stores; throws if one of them does not answer
  public record Health(Revocations revocations, Runnable ping) {}

  /// @param anyMethod a policy that accepts every method of the gate
  /// @param signingKeys whose public keys are published
  public StatusPaths(
      Admissions admissions, Policy anyMethod, Health health, List<SigningKeys> signingKeys) {
    this.admissions = admissions;
    this.anyMethod = anyMethod;
    this.revocations = health.revocations();
    this.signingKeys = List.copyOf(signingKeys);
    this.ping = health.ping();
  }

  /// Every path under that prefix with its handler.
  public Map<String, OwnPath> under(String prefix) {
    return Map.of(
        prefix + "/whoami",
        reading(this::whoami),
        prefix + "/healthz",
        reading(StatusPaths::healthz),
        prefix + "/readyz",
        reading(this::readyz),
        // RFC 8615 §3: a well-known path is at the root, whatever the prefix.
        "/.well-known/jwks.json",
        reading(this::jwks));
  }

  private static OwnPath reading(Arrival.Handler handler) {
    return (arrival, path) -> {
      String method = arrival.auth().method();
      if (method.equals("GET") || method.equals("HEAD")) {
        handler.handle(arrival);
      } else {
        arrival.http().response().putHeader("Allow", "GET, HEAD");
        Answers.refuse(
            arrival.http(),
            Refusal.of(
                arrival.auth(),
                Reason.METHOD_NOT_ALLOWED,
                "This path is read with GET",
                "not a GET"));
      }
    };
  }

  private void whoami(Arrival arrival) {
    Consumer<Decision> tell =
        decision -> {
          switch (decision) {
            case Decision.Refused(Refusal refusal) -> Answers.refuse(arrival.http(), refusal);
            case Decision.Admitted admitted -> answer(arrival, caller(admitted.principal()), true);
          }
        };
    admissions
        .gate()
        .recall(arrival.auth(), anyMethod)
        .ifPresentOrElse(
            tell,
            () -> {
              arrival.http().pause();
              admissions.ask(arrival.auth(), anyMethod, tell);
            });
  }

  private static JsonObject caller(@Nullable Principal principal) {
    return principal == null
        ? new JsonObject()
        : new JsonObject()
            .put("subject", principal.subject())
            .put("method", principal.method().id())
            .put("scopes", new JsonArray(List.copyOf(principal.scopes().tokens())))
            .put("credential", principal.credential());
  }

  private static void healthz(Arrival arrival) {
    answer(arrival, new JsonObject().put("status", "up"), true);
  }

  private void readyz(Arrival arrival) {
    arrival.http().pause();
    admissions.<Optional<Refusal>>work(
        arrival.auth(),
        () -> whyNotReady(arrival),
        Optional::of,
        refusal ->
            refusal.ifPresentOrElse(
                why -> Answers.refuse(arrival.http(), why),
                () -> answer(arrival, new JsonObject().put("status", "ready"), true)));
  }

  private Optional<Refusal> whyNotReady(Arrival arrival) {
    try {
      ping.run();
    } catch (RuntimeException failed) {
      return notReady(arrival, "A store does not answer", FailureText.of(failed));
    }
    return revocations.isAlive()
        ? Optional.empty()
        : notReady(arrival, "The revocation feed is not heard", "the feed is silent");
  }

  private static Optional<Refusal> notReady(Arrival arrival, String detail, String cause) {
    return Optional.of(Refusal.of(arrival.auth(), Reason.UNAVAILABLE, detail, cause));
  }

  private void jwks(Arrival arrival) {
    JsonArray keys = new JsonArray();
    for (SigningKeys published : signingKeys) {
      keys.addAll(
          new JsonObject(published.publishedKeys().toJSONObject(true)).getJsonArray("keys"));
    }
    answer(arrival, new JsonObject().put("keys", keys), false);
  }

  private static void answer(Arrival arrival, JsonObject document, boolean noStore) {
    arrival
        .http()
        .response()
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", noStore ? "no-store" : "public, max-age=300");
    Answers.end(arrival.http(), document.encode());
  }
}
