package dev.gatehouse.server.admin;

import dev.gatehouse.Decision;
import dev.gatehouse.Refusal;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.WholeBody;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;

/// Carries the admin API over HTTP: asks on a virtual thread whether the caller is admitted, then
/// reads a bounded body, and answers from a virtual thread.
public final class AdminListener implements Arrival.Handler {

  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(30);

  private final AdminApi api;
  private final Admissions admissions;

  /// Serves that API.
  public AdminListener(AdminApi api, Admissions admissions) {
    this.api = api;
    this.admissions = admissions;
  }

  @Override
  public void handle(Arrival arrival) {
    arrival.http().pause();
    admissions.<Decision>work(
        arrival.auth(),
        () -> api.admit(arrival.auth()),
        Decision.Refused::new,
        decision -> {
          switch (decision) {
            case Decision.Refused refused -> Answers.refuse(arrival.http(), refused.refusal());
            case Decision.Admitted admitted -> read(arrival, admitted);
          }
        });
  }

  private void read(Arrival arrival, Decision.Admitted admitted) {
    WholeBody.read(
        arrival,
        admissions.gate(),
        new WholeBody.Limits(admissions.bodyBytes(), AdminApi.MAX_BODY_BYTES, BODY_TIMEOUT),
        body ->
            admissions.work(
                arrival.auth(),
                () -> api.answer(admitted, arrival.auth(), body),
                AdminApi.Answer.Problem::new,
                answer -> send(arrival.http(), answer)));
  }

  private static void send(HttpServerRequest request, AdminApi.Answer answer) {
    switch (answer) {
      case AdminApi.Answer.Problem(Refusal refusal) -> Answers.refuse(request, refusal);
      case AdminApi.Answer.WrongMethod(Refusal refusal, List<String> allowed) -> {
        request.response().putHeader("Allow", String.join(", ", allowed));
        Answers.refuse(request, refusal);
      }
      case AdminApi.Answer.Json json -> {
        request
            .response()
            .setStatusCode(json.status())
            .putHeader("Content-Type", "application/json")
            .putHeader("Cache-Control", "no-store");
        Answers.end(request, json.document().encode());
      }
    }
  }
}
