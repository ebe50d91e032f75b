package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CsrfCheck;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.WholeBody;
import dev.gatehouse.session.Sessions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/// Serves one path of the sign-in: reads the parameters of a request, and answers it on a virtual
/// thread.
///
/// A POST that a page of another site may have sent ([CsrfCheck]) is refused with 403 before its
/// body is read and before anything is counted, unless the CORS policy lists its origin. Otherwise
/// such a page could use up the attempts of its visitor's address.
final class Endpoint implements OwnPath {

  private static final int MAX_BODY_BYTES = 16 * 1024;
  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(10);

  /// Answers one HTTP method. May block, and may throw [FormRequest.BadInputException],
  /// [RefusedException] and [StoreUnavailableException].
  @FunctionalInterface
  interface Action extends Function<FormRequest, Reply> {}

  /// Answers a request with a wrong parameter. The second argument says what is wrong.
  @FunctionalInterface
  interface BadInput extends BiFunction<AuthRequest, String, Reply> {}

  private final Admissions admissions;
  private final CorsAnswer cors;
  private final Map<String, Action> byMethod;
  private final BadInput badInput;

  /// @param byMethod what each HTTP method does; HEAD counts as GET
  Endpoint(Admissions admissions, CorsAnswer cors, Map<String, Action> byMethod) {
    this(admissions, cors, byMethod, Endpoint::problem);
  }

  /// The same, with another answer to bad input.
  Endpoint(
      Admissions admissions, CorsAnswer cors, Map<String, Action> byMethod, BadInput badInput) {
    this.admissions = admissions;
    this.cors = cors;
    this.byMethod = Map.copyOf(byMethod);
    this.badInput = badInput;
  }

  private static Reply problem(AuthRequest request, String why) {
    return new Reply.Refused(
        Refusal.of(request, Reason.MALFORMED_REQUEST, why, "filled in wrongly"));
  }

  @Override
  public void handle(Arrival arrival, RequestPath path) {
    HttpServerRequest request = arrival.http();
    if (cors.isPreflight(request)) {
      cors.answerPreflight(request);
      Answers.end(request, "");
      return;
    }
    boolean listed = cors.addTo(request, request.response().headers());
    String method = arrival.auth().method();
    Action action = byMethod.get(method.equals("HEAD") ? "GET" : method);
    if (action == null) {
      String allowed = String.join(", ", new TreeSet<>(byMethod.keySet()));
      request.response().putHeader("Allow", allowed);
      String takes = "This path takes " + allowed;
      refuse(arrival, Reason.METHOD_NOT_ALLOWED, takes, takes);
    } else if (method.equals("POST") && !listed && isOfAnotherSite(arrival.auth())) {
      refuse(
          arrival,
          Reason.CSRF,
          "Another site's page may have made the browser send this",
          "a foreign or missing Origin, which no CORS policy of this path lists");
    } else if (method.equals("POST")) {
      WholeBody.read(
          arrival,
          admissions.gate(),
          new WholeBody.Limits(admissions.bodyBytes(), MAX_BODY_BYTES, BODY_TIMEOUT),
          body -> answer(arrival, () -> action.apply(FormRequest.writing(arrival.auth(), body))));
    } else {
      request.pause();
      answer(arrival, () -> action.apply(FormRequest.reading(arrival.auth())));
    }
  }

  private static boolean isOfAnotherSite(AuthRequest request) {
    return CsrfCheck.mayBeForged(request, Sessions.csrfEvidence(request));
  }

  private void answer(Arrival arrival, Supplier<Reply> action) {
    admissions.<Reply>work(
        arrival.auth(),
        () -> guarded(arrival.auth(), action),
        Reply.Refused::new,
        reply -> send(arrival.http(), reply));
  }

  private Reply guarded(AuthRequest request, Supplier<Reply> action) {
    try {
      return action.get();
    } catch (FormRequest.BadInputException bad) {
      return badInput.apply(request, String.valueOf(bad.getMessage()));
    } catch (RefusedException refused) {
      return new Reply.Refused(refused.refusal());
    } catch (StoreUnavailableException unavailable) {
      return new Reply.Refused(
          Refusal.of(
              request,
              Reason.UNAVAILABLE,
              "A store does not answer: try again",
              unavailable.toString()));
    }
  }

  private static void send(HttpServerRequest request, Reply reply) {
    switch (reply) {
      case Reply.Refused(Refusal refusal) -> Answers.refuse(request, refusal);
      case Reply.Sent sent -> {
        request.response().setStatusCode(sent.status());
        sent.fields().forEach(request.response()::putHeader);
        Answers.end(request, sent.body());
      }
    }
  }

  private static void refuse(Arrival arrival, Reason reason, String detail, String cause) {
    Answers.refuse(arrival.http(), Refusal.of(arrival.auth(), reason, detail, cause));
  }
}
