package dev.gatehouse.server.choose;

import dev.gatehouse.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Writes the `gatehouse.yaml` of an advice. It works unchanged on localhost.
final class ExampleConfiguration {

  /// The file of the provider's client secret, if people sign in with a provider.
  static final String CLIENT_SECRET = "github.secret";

  private static final String UPSTREAM = "    upstream: http://127.0.0.1:3000";

  private ExampleConfiguration() {}

  static String of(Needs needs, Set<Method> methods) {
    List<String> lines = new ArrayList<>();
    lines.add("# Without these lines: localhost, with a development certificate.");
    lines.add("# listen:");
    lines.add("#   address: 0.0.0.0");
    lines.add("#   tls: { certificate: fullchain.pem, key: privkey.pem }");
    lines.add("# publicUrl: https://api.example.com");
    boolean app = needs.includes(Caller.APP) && methods.contains(Method.JWT);
    addMethods(lines, needs, methods, app);
    lines.add("routes:");
    if (needs.includes(Caller.WEBHOOKS)) {
      lines.add("  - path: /hooks/github        # one for each vendor");
      lines.add(UPSTREAM);
      lines.add("    accept: [hmac]");
      lines.add("    webhook:");
      lines.add("      vendor: github           # or stripe, slack, standard");
      lines.add("      name: code               # gatehouse webhook add code");
    }
    List<String> accepted = accepted(needs, methods);
    if (!accepted.isEmpty()) {
      lines.add("  - path: /");
      lines.add(UPSTREAM);
      lines.add(
          "    accept: ["
              + String.join(", ", accepted)
              + "]"
              + (accepted.size() > 1 ? " # any of them" : ""));
      lines.add("    require:");
      lines.add("      GET: orders:read         # scopes of your choice");
      lines.add("      \"*\": orders:write");
      if (app) {
        lines.add("    cors:                      # for pages of another origin");
        lines.add("      origins: [https://app.example.com]");
        lines.add("      headers: [Authorization, Content-Type]");
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static void addMethods(
      List<String> lines, Needs needs, Set<Method> methods, boolean app) {
    List<String> settings = new ArrayList<>();
    if (methods.contains(Method.JWT) && (app || needs.instantRevocation())) {
      settings.add("  jwt:");
      if (needs.instantRevocation()) {
        settings.add("    accessTokenLife: 5m        # how long others may believe one");
      }
      if (app) {
        settings.add("    cors:                      # for pages of another origin");
        settings.add("      origins: [https://app.example.com]");
        settings.add("      headers: [Content-Type]");
      }
    }
    if (methods.contains(Method.OAUTH)) {
      settings.add("  oauth:");
      if (app && !needs.instantRevocation() && !needs.stateless()) {
        settings.add(
            "    codeReturnPaths: [/app/callback] # pages that get tokens, on this origin");
      }
      settings.addAll(needs.stateless() ? issuer() : provider());
    }
    if (!settings.isEmpty()) {
      lines.add("methods:");
      lines.addAll(settings);
    }
  }

  private static List<String> issuer() {
    return List.of(
        "    issuers:",
        "      - issuer: https://id.example.com",
        "        audience: https://api.example.com",
        "        scopes:",
        "          map: { orders.read: [\"orders:read\"] }");
  }

  private static List<String> provider() {
    return List.of(
        "    providers:",
        "      github:",
        "        type: github",
        "        clientId: Iv1.0123456789abcdef",
        "        clientSecretFile: " + CLIENT_SECRET,
        "        allow: { organisations: [acme] } # unless said: who is invited",
        "        # keepTokens: true     # where your API reads their data there");
  }

  // The methods in the order in which the gate looks for them. Webhooks have separate routes. A
  // person who signs in with a provider gets a session.
  private static List<String> accepted(Needs needs, Set<Method> methods) {
    return methods.stream()
        .filter(method -> method != Method.HMAC)
        .filter(method -> method != Method.OAUTH || needs.stateless())
        .map(Method::id)
        .toList();
  }
}
