package dev.gatehouse.server.admin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Answers calls of the admin API. Speaks no HTTP itself: a request in, an answer out, so that any
/// listener can carry it. Thread-safe; every call may block.
public final class AdminApi {

  /// Where the API begins.
  public static final String BASE = "/admin/api/v1";

  /// The scope that every call needs. Only a local grant can hold it.
  public static final String SCOPE = "gatehouse:admin";

  /// The longest body that a call takes.
  public static final int MAX_BODY_BYTES = 65_536;

  /// An answer: a status and a JSON document, or a refusal.
  public sealed interface Answer {

    /// What was asked for.
    record Json(int status, JsonObject document) implements Answer {}

    /// Why there is no more.
    record Problem(Refusal refusal) implements Answer {}

    /// The path takes other methods only (RFC 9110 §15.5.6 wants them named).
    record WrongMethod(Refusal refusal, List<String> allowed) implements Answer {}
  }

  private static final Policy POLICY =
      Policy.accepting(Method.API_KEY).requiring(Map.of(Policy.ANY_OTHER, Scopes.of(SCOPE)));

  // A page that a browser was led to by a name of its own (DNS rebinding) sends that name here.
  private static final Pattern LOOPBACK_HOST =
      Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private final Gate gate;
  private final List<Call> calls;

  /// Answers the calls of these groups, and the one that lists all calls, for callers whom the gate
  /// admits. Where two calls have the same HTTP method and path, the first one answers.
  public AdminApi(Gate gate, List<CallGroup> groups) {
    this.gate = gate;
    this.calls =
        Stream.concat(
                Stream.of(Call.of("GET", "/openapi\\.json", input -> OpenApi.answer())),
                groups.stream().flatMap(group -> group.all().stream()))
            .toList();
  }

  /// Whether a caller is admitted, by its host and its key. To be asked before a byte of the body
  /// is read.
  public Decision admit(AuthRequest request) {
    List<String> hosts = request.fields().values("Host");
    if (hosts.size() != 1 || !LOOPBACK_HOST.matcher(hosts.getFirst()).matches()) {
      return new Decision.Refused(
          Refusal.of(
              Reason.MALFORMED_REQUEST,
              "The admin API answers to localhost only",
              "a foreign Host"));
    }
    return gate.recall(request, POLICY).orElseGet(() -> gate.admit(request, POLICY));
  }

  /// Answers a request that was admitted, if its key is still good now that the body is here.
  ///
  /// @param body as UTF-8 text, at most [#MAX_BODY_BYTES]
  public Answer answer(Decision.Admitted admitted, AuthRequest request, String body) {
    if (!gate.holds(admitted, request)
        && gate.review(admitted, request, POLICY) instanceof Decision.Refused refused) {
      return new Answer.Problem(refused.refusal());
    }
    String target = request.target();
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    try {
      List<String> allowed = new ArrayList<>();
      for (Call call : calls) {
        Matcher matcher = call.path().matcher(path);
        if (matcher.matches()) {
          if (call.httpMethod().equals(request.method())) {
            return call.action()
                .apply(new Input(matcher, request.query(), call.parameters(), body));
          }
          allowed.add(call.httpMethod());
        }
      }
      if (!allowed.isEmpty()) {
        return new Answer.WrongMethod(
            Refusal.of(
                Reason.METHOD_NOT_ALLOWED,
                "This call takes " + String.join(", ", allowed),
                "another method of an admin call"),
            allowed);
      }
      return Call.problem(
          Reason.NOT_FOUND,
          "There is no such call; " + BASE + "/openapi.json lists them",
          "no admin call of that method and path");
    } catch (JsonInput.BadInputException bad) {
      return Call.refused(String.valueOf(bad.getMessage()));
    } catch (StoreUnavailableException unavailable) {
      return Call.problem(
          Reason.UNAVAILABLE,
          "The store did not answer; whether the change was made is not known",
          unavailable.toString());
    }
  }
}
