package dev.gatehouse.server.signin;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.Optional;

/// What people and their browsers send.
public final class SignInTargets {

  private SignInTargets() {}

  /// Where a browser goes after a sign-in. One that is accepted is a path of this origin.
  public static void returnTarget(byte[] input) throws RequestPath.MalformedTargetException {
    Optional<String> target = ReturnTarget.parse(Optional.of(Inputs.utf8(input)), "/gate");
    if (target.isPresent()) {
      String text = target.get();
      Holds.that(text.startsWith("/") && !text.startsWith("//"), "a path of this origin");
      Holds.that(text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\'), "visible ASCII");
      RequestPath.parse(text.split("[?#]", 2)[0]);
    }
  }

  /// A form, a JSON body, and a query.
  public static void form(byte[] input) {
    String body = Inputs.utf8(input);
    for (String type : new String[] {"application/json", "application/x-www-form-urlencoded"}) {
      try {
        FormRequest.writing(Inputs.request("/\nContent-Type: " + type), body);
      } catch (FormRequest.BadInputException refused) {
        // the declared refusal
      }
    }
    try {
      FormRequest.reading(Inputs.request("/?" + Inputs.latin1(input).replace('\n', ' ')));
    } catch (FormRequest.BadInputException refused) {
      // the declared refusal
    }
  }
}
