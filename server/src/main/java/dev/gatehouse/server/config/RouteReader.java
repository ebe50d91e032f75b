package dev.gatehouse.server.config;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.Scopes;
import dev.gatehouse.Webhook;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the routes of one file.
final class RouteReader {

  // RFC 3986 §3.3: unreserved, sub-delims without ';', ':' and '@'; nothing that is written in
  // two ways.
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._~!$&'()*+,=:@-]+");
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final Duration MAX_IDLE_TIMEOUT = Duration.ofHours(24);

  private final Path folder;
  private final Problems problems;
  private final WebhookReader webhooks;
  private final Map<String, Integer> lines = new HashMap<>();

  /// @param folder to which the names of files are relative
  RouteReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
    this.webhooks = new WebhookReader(problems);
  }

  /// The route; empty, with a problem, when something that it needs is missing or wrong.
  Optional<RouteConfig> read(Section route) {
    Optional<Node> pathNode = route.required("this route", "path", "path: /orders");
    Optional<String> path =
        pathNode.flatMap(node -> Section.parsed(node, "'path'", RouteReader::path, problems));
    Optional<String> host = route.parsed("host", ValueParsers::host);
    Optional<URI> upstream =
        route
            .required("this route", "upstream", "upstream: http://127.0.0.1:3000")
            .flatMap(node -> Section.parsed(node, "'upstream'", RouteConfig::upstream, problems));
    Optional<Node> upstreamCaNode = route.take("upstreamCa");
    Optional<TrustedCertificates> upstreamCa =
        upstreamCaNode.flatMap(
            node ->
                Section.parsed(
                    node,
                    "'upstreamCa'",
                    text -> TrustedCertificates.read(folder.resolve(text)),
                    problems));
    boolean passHost = route.flag("passHost", true);
    Optional<RouteConfig.Accept> accept =
        route
            .required(
                "this route",
                "accept",
                "accept: [apikey], or accept: [public] for callers without a credential")
            .flatMap(new AcceptReader(problems)::read);
    Optional<Node> requireNode = route.take("require");
    Map<String, Scopes> require =
        requireNode
            .map(
                node ->
                    new ScopesReader(problems).required(Section.of(node, "'require'", problems)))
            .orElse(Map.of());
    boolean passAuthorization = route.flag("passAuthorization", false);
    ClientFields clientFields = clientFields(route);
    Optional<CorsConfig> cors =
        route.section("cors").map(section -> new CorsReader(problems).read(section));
    Duration timeout = time(route, "timeout", RouteConfig.DEFAULT_TIMEOUT);
    Duration connectTimeout = time(route, "connectTimeout", RouteConfig.DEFAULT_CONNECT_TIMEOUT);
    Duration idleTimeout =
        route.duration(
            "idleTimeout",
            RouteConfig.DEFAULT_IDLE_TIMEOUT,
            Duration.ofMillis(1),
            MAX_IDLE_TIMEOUT);
    Optional<Node> webhookNode = route.take("webhook");
    Optional<Webhook> webhook =
        webhookNode.flatMap(node -> webhooks.read(Section.of(node, "'webhook'", problems)));
    Optional<Node> endsNode = route.take("ends");
    Map<Method, Deprecation> ends =
        endsNode.isPresent() && accept.isPresent() && path.isPresent()
            ? new EndsReader(problems)
                .read(
                    endsNode.get(), host.orElse("") + path.get(), RouteConfig.methods(accept.get()))
            : Map.of();
    Optional<Node> providerTokenNode = route.take("providerToken");
    Optional<RouteConfig.ProviderTokenNeed> providerToken =
        providerTokenNode.flatMap(
            node -> providerToken(Section.of(node, "'providerToken'", problems)));
    route.refuseUnknown();

    if (providerTokenNode.isPresent()
        && accept.isPresent()
        && !isForPeople(RouteConfig.methods(accept.get()))) {
      problems.add(
          providerTokenNode.get(),
          "'providerToken' has no effect, because the route does not accept session or jwt",
          "accept one of them, or remove 'providerToken'");
    }
    if (webhookNode.isPresent()
        && accept.isPresent()
        && !RouteConfig.methods(accept.get()).contains(Method.HMAC)) {
      problems.add(
          webhookNode.get(),
          "'webhook' has no effect, because the route does not accept hmac",
          "write accept: [hmac], or remove 'webhook'");
    }
    if (requireNode.isPresent()
        && accept.isPresent()
        && accept.get() instanceof RouteConfig.Public) {
      problems.add(
          requireNode.get(),
          "a public route cannot 'require' scopes, because its callers are not known",
          "remove 'require', or accept a method");
    }
    if (upstreamCaNode.isPresent()
        && upstream.isPresent()
        && !upstream.get().getScheme().equals("https")) {
      problems.add(
          upstreamCaNode.get(),
          "'upstreamCa' has no effect, because the upstream is not https",
          "remove it, or write the upstream as https://host:port");
    }
    path.ifPresent(there -> refuseTwice(route.node(), host.orElse("") + there));
    if (path.isEmpty() || upstream.isEmpty() || accept.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RouteConfig(
            path.get(),
            host,
            upstream.get(),
            upstreamCa,
            passHost,
            accept.get(),
            require,
            passAuthorization,
            cors,
            timeout,
            connectTimeout,
            idleTimeout,
            webhook,
            ends,
            providerToken,
            clientFields));
  }

  private ClientFields clientFields(Section route) {
    List<String> removed = new ArrayList<>();
    for (Node node : route.list("removeFields")) {
      Section.parsed(node, Section.item(node, "removeFields"), ClientFields::removable, problems)
          .ifPresent(removed::add);
    }
    List<String> kept = new ArrayList<>();
    for (Node node : route.list("keepFields")) {
      Section.parsed(node, Section.item(node, "keepFields"), ClientFields::keepable, problems)
          .ifPresent(kept::add);
    }
    try {
      return new ClientFields(removed, kept);
    } catch (IllegalArgumentException both) {
      problems.add(
          route.node(),
          String.valueOf(both.getMessage()),
          "name it in 'removeFields' or in 'keepFields'");
      return ClientFields.DEFAULT;
    }
  }

  private static boolean isForPeople(Set<Method> accepted) {
    return accepted.contains(Method.SESSION) || accepted.contains(Method.JWT);
  }

  private Optional<RouteConfig.ProviderTokenNeed> providerToken(Section section) {
    Optional<String> provider =
        section
            .required("this providerToken", "provider", "provider: github")
            .flatMap(node -> Section.text(node, "'provider'", problems));
    Set<String> scopes = new LinkedHashSet<>();
    for (Node node : section.list("scopes")) {
      Section.parsed(node, "a scope of 'providerToken'", RouteReader::foreignScope, problems)
          .ifPresent(scopes::add);
    }
    section.refuseUnknown();
    return provider.map(name -> new RouteConfig.ProviderTokenNeed(name, scopes));
  }

  // RFC 6749 §3.3
  private static String foreignScope(String text) {
    if (!text.matches("[!#-\\[\\]-~]{1,128}")) {
      throw new IllegalArgumentException("is no scope: write it as the provider does");
    }
    return text;
  }

  // Upstreams differ in whether case counts in a path: two routes that differ by it alone would
  // leave open which one guards.
  private void refuseTwice(Node node, String hostAndPath) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    Integer first = lines.putIfAbsent(hostAndPath.toLowerCase(Locale.ROOT), line);
    if (first != null) {
      problems.add(
          node,
          "this route has the host and path of the one on line " + first,
          "keep one of them (upper and lower case count as the same)");
    }
  }

  private static Duration time(Section route, String key, Duration otherwise) {
    return route.duration(key, otherwise, Duration.ofMillis(1), MAX_TIMEOUT);
  }

  private static String path(String text) {
    if (text.equals("/")) {
      return text;
    }
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("does not begin with a slash: write it as in /orders");
    }
    if (text.endsWith("/")) {
      throw new IllegalArgumentException(
          "ends with a slash: leave it out; a path stands for everything below it");
    }
    for (String segment : text.substring(1).split("/", -1)) {
      boolean usual =
          SEGMENT.matcher(segment).matches() && !segment.equals(".") && !segment.equals("..");
      if (!usual) {
        throw new IllegalArgumentException(
            "is no plain path: write segments of letters, digits and -._~, without //, ., ..,"
                + " %, ; or a query");
      }
      if (segment.contains("*") && !segment.equals("*")) {
        throw new IllegalArgumentException(
            "has a '*' inside a segment: a '*' stands for one whole segment, as in /orders/*/items");
      }
    }
    return text;
  }
}
