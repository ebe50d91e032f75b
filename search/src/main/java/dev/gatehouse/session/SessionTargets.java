package dev.gatehouse.session;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.ArrayList;
import java.util.List;

/// The session's cookie.
public final class SessionTargets {

  private SessionTargets() {}

  /// The `Cookie` fields of a request, compared with a plain reading.
  public static void cookie(byte[] input) {
    StringBuilder text = new StringBuilder("/");
    for (String line : Inputs.lines(Inputs.latin1(input))) {
      text.append("\nCookie: ").append(line);
    }
    AuthRequest request = Inputs.request(text.toString());
    List<String> expected = new ArrayList<>();
    for (String field : request.fields().values("Cookie")) {
      for (String pair : field.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals >= 0 && pair.substring(0, equals).strip().equals(SessionAuthenticator.COOKIE)) {
          expected.add(pair.substring(equals + 1).strip());
        }
      }
    }
    Holds.equal(SessionAuthenticator.cookies(request), expected);
    for (String value : expected) {
      PresentedSession.parse(value)
          .ifPresent(
              session -> {
                Holds.equal(session.reveal(), value);
                Holds.that(session.isCsrfToken(session.csrfToken()), "its own token");
              });
    }
  }
}
