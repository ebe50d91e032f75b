package dev.gatehouse.server.choose;

import dev.gatehouse.Method;
import dev.gatehouse.server.choose.Advice.Chosen;
import dev.gatehouse.server.choose.Advice.NotChosen;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Decides which methods to use: first for each caller, then for the combination.
public final class DecisionTree {

  private final Needs needs;
  private final Map<Method, List<Caller>> taken = new EnumMap<>(Method.class);

  private DecisionTree(Needs needs) {
    this.needs = needs;
    needs.callers().forEach(this::choose);
  }

  /// The advice for these answers.
  public static Advice advise(Needs needs) {
    return new DecisionTree(needs).advice();
  }

  // The tree.
  private void choose(Caller caller) {
    switch (caller) {
      case PROGRAMS -> take(Method.API_KEY, caller);
      case PAGE -> take(needs.stateless() ? Method.JWT : Method.SESSION, caller);
      case APP ->
          take(
              needs.instantRevocation() && !needs.stateless() ? Method.SESSION : Method.JWT,
              caller);
      case ELSEWHERE -> {
        take(Method.OAUTH, caller);
        if (!needs.stateless()) {
          take(Method.SESSION, caller); // what they hold once they have signed in
        }
      }
      case WEBHOOKS -> take(Method.HMAC, caller);
      case SERVICES -> {
        take(Method.MTLS, caller);
        if (needs.person()) {
          take(Method.JWT, caller); // the person's own, handed on
        }
      }
      case TOOLS -> take(Method.BASIC, caller);
    }
  }

  private void take(Method method, Caller caller) {
    taken.computeIfAbsent(method, none -> new ArrayList<>()).add(caller);
  }

  private boolean takes(Method method) {
    return taken.containsKey(method);
  }

  private boolean takes(Method method, Caller caller) {
    return taken.getOrDefault(method, List.of()).contains(caller);
  }

  private Advice advice() {
    List<Chosen> chosen = new ArrayList<>();
    taken.forEach(
        (method, callers) -> chosen.add(new Chosen(method, callers, why(method), costs(method))));
    List<NotChosen> notChosen =
        EnumSet.complementOf(EnumSet.copyOf(taken.keySet())).stream()
            .map(method -> new NotChosen(method, whyNot(method)))
            .toList();
    Set<Method> methods = taken.keySet();
    return new Advice(
        needs,
        chosen,
        together(),
        cautions(),
        notChosen,
        ExampleConfiguration.of(needs, methods),
        FirstSteps.of(needs, methods));
  }

  private String why(Method method) {
    return switch (method) {
      case API_KEY ->
          needs.person()
              ? "A key belongs to a person and may do at most what they may: your API is told whose it"
                  + " is. Nothing is simpler for other developers, and each key is limited, rotated"
                  + " and revoked by itself."
              : "One random secret for each program. Nothing is simpler for other developers, and each"
                  + " key is limited, rotated and revoked by itself.";
      case BASIC ->
          "They know nothing else. The gate hashes passwords slowly, remembers a good pair for a"
              + " minute, and slows whoever guesses.";
      case JWT -> whyTokens();
      case OAUTH ->
          needs.stateless()
              ? "The access tokens of their provider say who calls, and the provider's public keys"
                  + " verify them: nobody has to be asked, and nothing is kept."
              : "They sign in where they have an account, so you keep no password of theirs. The"
                  + " gate knows a person by issuer and subject, never by an e-mail address alone.";
      case HMAC ->
          "The vendor signs what it sends. The gate verifies that as the vendor prescribes, and takes"
              + " an event once.";
      case SESSION -> whySession();
      case MTLS ->
          "No secret ever travels: each service proves in the TLS handshake that it holds its private"
              + " key. The gate is its own CA, so a certificate is one command.";
    };
  }

  private String whyTokens() {
    List<String> why = new ArrayList<>();
    if (takes(Method.JWT, Caller.APP)) {
      why.add(
          "The app signs people in and calls with a token that ends after 15 minutes and is renewed:"
              + " no cookie, so it may come from any origin or device.");
    }
    if (takes(Method.JWT, Caller.PAGE)) {
      why.add(
          "Your page's server signs people in at /api/auth/login, keeps their tokens in a sealed"
              + " cookie of its own, and calls with them.");
    }
    if (takes(Method.JWT, Caller.SERVICES)) {
      why.add(
          "Where a service calls for a person it hands on that person's access token: a certificate"
              + " names the service and nobody else.");
    }
    return String.join(" ", why);
  }

  private String whySession() {
    List<String> why = new ArrayList<>();
    if (takes(Method.SESSION, Caller.PAGE)) {
      why.add(
          "A cookie that no script can read, and that is good only as long as the gate says so: the"
              + " browser does everything, and forms work without JavaScript.");
    }
    if (takes(Method.SESSION, Caller.APP)) {
      why.add(
          "An app's cookie means nothing to anybody but the gate, so nobody goes on believing what"
              + " was revoked.");
    }
    if (takes(Method.SESSION, Caller.ELSEWHERE)) {
      why.add("Whoever came in by their provider goes on with a session.");
    }
    return String.join(" ", why);
  }

  private List<String> costs(Method method) {
    List<String> costs = new ArrayList<>();
    switch (method) {
      case API_KEY ->
          costs.add(
              "Whoever sees a key can use it. Where a leaked log or a replay would cost money, let"
                  + " those callers sign instead: accept: [hmac].");
      case BASIC ->
          costs.add(
              "The password goes along with every request and lies in the tool's settings: give each"
                  + " tool an account of its own, with few scopes. A tool that can send a field gets"
                  + " an API key instead.");
      case JWT -> costsOfTokens(costs);
      case OAUTH -> costsOfOAuth(costs);
      case HMAC -> {
        costs.add("Each vendor has a route of its own, where nothing but its signature counts.");
        if (needs.stateless()) {
          costs.add(
              "A signature that was used is remembered for ten minutes, or an event could be sent"
                  + " twice: the one thing here that is written for each call.");
        }
      }
      case SESSION -> {
        costs.add("A row in the gate's database for each sign-in.");
        if (takes(Method.SESSION, Caller.APP)) {
          costs.add(
              "The app has to lie on the gate's own origin: a page of another may read by a session"
                  + " and change nothing. There, and in a mobile app that keeps no cookies, add jwt.");
        }
      }
      case MTLS -> {
        costs.add(
            "Certificates end, after 90 days unless said: let a timer run gatehouse cert renew.");
        costs.add(
            "What ends TLS in front of the gate has to say in a field what it was shown. Where you"
                + " can't have that, take an API key for each service.");
      }
    }
    return costs;
  }

  private void costsOfTokens(List<String> costs) {
    if (needs.instantRevocation()) {
      costs.add(
          "Revocation is instant at the gate, and nowhere else: whoever verifies a token by the"
              + " public keys takes it until it ends, here after 5 minutes. Let them ask the gate"
              + " (GET /whoami), or call through it.");
    } else {
      costs.add(
          "What you revoke is refused at the gate within a second. Whoever verifies tokens by the"
              + " public keys learns of it only when they end, after 15 minutes.");
    }
    if (takes(Method.JWT, Caller.PAGE)) {
      costs.add(
          "A session would be simpler and safer for a page: now the cookie, its end and the defence"
              + " against forged requests are yours to write.");
    }
    if (takes(Method.JWT, Caller.APP)) {
      costs.add(
          "A refresh token is good for one use, and a later second use ends the sign-in: the client code"
              + " below takes care. In a browser keep tokens in memory, never in localStorage.");
    }
    if (needs.stateless()) {
      costs.add(
          "Who verifies keeps nothing. The gate itself keeps a row for each sign-in, or tokens could"
              + " be neither renewed nor revoked.");
    }
  }

  private void costsOfOAuth(List<String> costs) {
    costs.add(
        "Their provider becomes a part of your sign-in: while it is down, nobody new comes in.");
    if (needs.stateless()) {
      costs.add(
          needs.instantRevocation()
              ? "Whom you refuse is refused within a second. What the provider revokes is taken until"
                  + " the token ends, unless the gate asks it about each token: then replace the key"
                  + " set by introspection, and the provider's answer is awaited."
              : "What the provider revokes is taken until the token ends.");
    } else if (needs.instantRevocation()) {
      costs.add(
          "Providers don't say when an account ends there: whoever is in stays until the session"
              + " ends, or you end it (gatehouse user disable: within a second).");
    }
    if (needs.person() && !needs.stateless()) {
      costs.add("Say who may come in ('allow'): unless you do, only those whom you invited.");
    }
  }

  private List<String> together() {
    List<String> together = new ArrayList<>();
    if (takes(Method.OAUTH) && takes(Method.SESSION)) {
      together.add(
          "oauth brings people in and the session keeps them: the route accepts session, and the"
              + " provider is a button on the sign-in page.");
    }
    if (takes(Method.OAUTH) && takes(Method.JWT, Caller.APP) && !needs.stateless()) {
      together.add(
          "A page of the gate's own origin may begin at /auth/PROVIDER with a code_challenge, and"
              + " exchange its one-time code at /auth/token: no token ever stands in a URL. The"
              + " code goes to the paths in codeReturnPaths only.");
    }
    if (takes(Method.OAUTH) && takes(Method.JWT) && needs.stateless()) {
      together.add(
          "Both kinds of token come as Bearer; the issuer that a token names says whose it is.");
    }
    List<String> ownPasswords =
        List.of(Method.BASIC, Method.JWT, Method.SESSION).stream()
            .filter(this::takes)
            .map(Method::id)
            .toList();
    if (ownPasswords.size() > 1) {
      together.add(
          String.join(" and ", ownPasswords)
              + " are for the same people with the same passwords, and one route takes them all.");
    }
    if (takes(Method.HMAC) && taken.size() > 1) {
      together.add("Webhooks have paths of their own, so that no other caller comes in there.");
    }
    if (takes(Method.MTLS) && needs.callers().stream().anyMatch(Caller::isPeople)) {
      together.add(
          "Where a route accepts mtls, browsers are asked for a certificate too, and those that hold"
              + " one ask their user. If that bothers people, give your services a gate of their"
              + " own.");
    }
    if (taken.size() > 1) {
      together.add(
          "A request should hold one credential: what is explicit counts before a cookie or a"
              + " certificate, and a wrong one is refused even beside a good one.");
    }
    return together;
  }

  private List<String> cautions() {
    List<String> cautions = new ArrayList<>();
    if (needs.instantRevocation() && needs.stateless()) {
      cautions.add(
          "No state and instant revocation pull apart: what is verified without asking anybody can't"
              + " be taken back at once. At the gate it can, since the gate remembers what was"
              + " revoked; let nobody else decide by a token alone.");
    }
    if (needs.person() && needs.callers().equals(Set.of(Caller.WEBHOOKS))) {
      cautions.add(
          "A webhook names no person. Your API gets the account that the webhook acts for; the person"
              + " stands in the event, if anywhere.");
    }
    return cautions;
  }

  private String whyNot(Method method) {
    return switch (method) {
      case API_KEY ->
          needs.includes(Caller.SERVICES)
              ? "It would do for your services and is simpler than certificates, but it travels with"
                  + " every request."
              : "No program calls by itself, and a browser or an app can't keep such a secret.";
      case BASIC ->
          "The password itself would travel with every request, and lie wherever a client keeps it.";
      case JWT -> whyNoTokens();
      case OAUTH ->
          "Nobody's account lies elsewhere, and another company would become a part of your sign-in.";
      case HMAC ->
          needs.includes(Caller.PROGRAMS)
              ? "Every client would have to sign, which is where integrations fail. Worth it where a"
                  + " replay or a changed body would cost money."
              : "Nobody here signs requests. Worth it where a replay or a changed body would cost"
                  + " money.";
      case SESSION -> whyNoSession();
      case MTLS ->
          needs.includes(Caller.PROGRAMS)
              ? "Certificates are hard on people and on other companies' developers. For a few large"
                  + " partners they are worth it."
              : "Certificates are hard on people and their browsers. They are for services that you"
                  + " run.";
    };
  }

  private String whyNoTokens() {
    if (takes(Method.SESSION, Caller.APP)) {
      return "Whoever verifies tokens without the gate learns of a revocation only when they end, and you"
          + " need it at once.";
    }
    if (takes(Method.SESSION)) {
      return "For pages of the gate's own origin a session is better: no script can steal it, and"
          + " nothing has to be renewed.";
    }
    return "Nobody signs in here. A service that wants a token that ends soon can get one for its key"
        + " or certificate all the same.";
  }

  private String whyNoSession() {
    if (needs.stateless()) {
      return "It is a row in the gate's database for each sign-in, and you want none."
          + (needs.includes(Caller.PAGE) ? " It would be the right one for your page." : "");
    }
    return needs.includes(Caller.APP)
        ? "Your app may come from another origin or a device. If it lies on the gate's own origin, a"
            + " session is better: no script can steal it, and nothing has to be renewed."
        : "A cookie is for browsers, and none is among your callers.";
  }
}
