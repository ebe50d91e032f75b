package dev.gatehouse.server.choose;

import dev.gatehouse.Method;
import dev.gatehouse.server.choose.Advice.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The steps that follow the configuration of an advice: commands, and what no command does.
final class FirstSteps {

  private static final String SERVE = "./gatehouse serve --config gatehouse.yaml";

  private FirstSteps() {}

  static List<Step> of(Needs needs, Set<Method> methods) {
    List<String> steps = new ArrayList<>();
    boolean provider = methods.contains(Method.OAUTH) && !needs.stateless();
    if (provider) {
      steps.add(
          "Register an application at GitHub, with https://localhost:8443/auth/github/callback for"
              + " its callback; write its id into the file above and its secret into "
              + ExampleConfiguration.CLIENT_SECRET
              + ".");
    }
    steps.add("./gatehouse check gatehouse.yaml");
    steps.add(SERVE);
    boolean ownPeople =
        methods.contains(Method.BASIC)
            || methods.contains(Method.JWT)
            || (methods.contains(Method.SESSION)
                && !needs.callers().equals(Set.of(Caller.ELSEWHERE)))
            || (methods.contains(Method.API_KEY) && needs.person());
    if (ownPeople) {
      steps.add(
          "./gatehouse user add alice --email alice@example.com --scope orders:read --scope"
              + " orders:write");
      steps.add("./gatehouse user password alice");
    }
    if (methods.contains(Method.API_KEY)) {
      if (!needs.person()) {
        steps.add("./gatehouse service add shop --scope orders:read --scope orders:write");
      }
      steps.add(
          "./gatehouse key add first --expires 90d --owner " + (needs.person() ? "alice" : "shop"));
    }
    if (methods.contains(Method.MTLS)) {
      steps.add("./gatehouse service add billing --scope orders:read");
      steps.add("./gatehouse cert issue billing-1 --owner billing");
    }
    if (methods.contains(Method.HMAC)) {
      steps.add("./gatehouse service add github-events");
      steps.add("./gatehouse webhook add code --owner github-events");
    }
    int following = steps.indexOf(SERVE) + 1;
    if (following < steps.size()) {
      steps.add(following, "The gate keeps that terminal. Type what follows in a second terminal.");
    }
    return steps.stream().map(Step::new).toList();
  }
}
