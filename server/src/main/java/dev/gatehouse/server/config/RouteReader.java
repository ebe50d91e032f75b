package dev.gatehouse.server.config;

import dev.gatehouse.Ending;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads the routes of one file.
final class RouteReader {

  private static final List<String> HTTP_METHODS =
      List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*");
  private static final Set<Method> IN_AUTHORIZATION_ONLY =
      Set.of(Method.BASIC, Method.JWT, Method.OAUTH);
  private static final Pattern HTTP_METHOD = Pattern.compile("\\*|[A-Z][A-Z-]{0,31}");

  // RFC 3986 §3.3: unreserved, sub-delims without ';', ':' and '@'; nothing that is written in
  // two ways.
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._~!$&'()*+,=:@-]+");

  // RFC 9110 §5.6.2
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  // The origin of a page that is no web site's: of a browser extension, for instance.
  private static final Pattern OTHER_ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://[A-Za-z0-9._-]+(:[0-9]{1,5})?");

  private static final Pattern HOST =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
              + "(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\\[[0-9a-f:.]{2,45}\\]");

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration LONGEST_IDLE_TIMEOUT = Duration.ofHours(24);
  private static final Duration LONGEST_MAX_AGE = Duration.ofHours(24);

  private final Path folder;
  private final Problems problems;
  private final Map<String, Integer> lines = new HashMap<>();
  private final Map<String, Webhook.Vendor> vendors = new HashMap<>();

  /// Files are named relative to that folder.
  RouteReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  /// The route; empty, with a problem, when something that it needs is missing or wrong.
  Optional<RouteConfig> read(Section route) {
    Optional<Node> pathNode = required(route, "path", "path: /orders");
    Optional<String> path =
        pathNode.flatMap(node -> Section.parsed(node, "'path'", RouteReader::path, problems));
    Optional<String> host = route.parsed("host", RouteReader::host);
    Optional<URI> upstream =
        required(route, "upstream", "upstream: http://127.0.0.1:3000")
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
        required(
                route,
                "accept",
                "accept: [apikey], or accept: [public] if everybody may come in unasked")
            .flatMap(this::accept);
    Optional<Node> requireNode = route.take("require");
    Map<String, Scopes> require =
        requireNode.map(node -> require(Section.of(node, "'require'", problems))).orElse(Map.of());
    boolean passAuthorization = route.flag("passAuthorization", false);
    ClientFields clientFields = clientFields(route);
    Optional<CorsConfig> cors = route.section("cors").map(this::cors);
    Duration timeout = time(route, "timeout", RouteConfig.DEFAULT_TIMEOUT);
    Duration connectTimeout = time(route, "connectTimeout", RouteConfig.DEFAULT_CONNECT_TIMEOUT);
    Duration idleTimeout =
        route.duration(
            "idleTimeout",
            RouteConfig.DEFAULT_IDLE_TIMEOUT,
            Duration.ofMillis(1),
            LONGEST_IDLE_TIMEOUT);
    Optional<Node> webhookNode = route.take("webhook");
    Optional<Webhook> webhook =
        webhookNode.flatMap(node -> webhook(Section.of(node, "'webhook'", problems)));
    Optional<Node> endsNode = route.take("ends");
    Map<Method, Ending> ends =
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

    if (providerTokenNode.isPresent() && accept.isPresent() && !isForPeople(accept.get())) {
      problems.add(
          providerTokenNode.get(),
          "'providerToken' is of no use, as the route accepts neither session nor jwt",
          "accept one of them, or remove 'providerToken'");
    }
    if (webhookNode.isPresent() && accept.isPresent() && !acceptsHmac(accept.get())) {
      problems.add(
          webhookNode.get(),
          "'webhook' is of no use, as the route does not accept hmac",
          "write accept: [hmac], or remove 'webhook'");
    }
    if (requireNode.isPresent()
        && accept.isPresent()
        && accept.get() instanceof RouteConfig.Public) {
      problems.add(
          requireNode.get(),
          "a public route cannot 'require' scopes, as nobody there is known",
          "remove 'require', or accept a method");
    }
    if (upstreamCaNode.isPresent()
        && upstream.isPresent()
        && !upstream.get().getScheme().equals("https")) {
      problems.add(
          upstreamCaNode.get(),
          "'upstreamCa' is of no use, as the upstream is not https",
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
      Section.parsed(node, item(node, "removeFields"), ClientFields::removable, problems)
          .ifPresent(removed::add);
    }
    List<String> kept = new ArrayList<>();
    for (Node node : route.list("keepFields")) {
      Section.parsed(node, item(node, "keepFields"), ClientFields::keepable, problems)
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

  private static String item(Node node, String key) {
    String what = node instanceof ScalarNode word ? Problems.quoted(word.getValue()) : "an entry";
    return what + " in '" + key + "'";
  }

  private static boolean isForPeople(RouteConfig.Accept accept) {
    return accept instanceof RouteConfig.AnyOf(List<List<Method>> alternatives)
        && alternatives.stream()
            .anyMatch(all -> all.contains(Method.SESSION) || all.contains(Method.JWT));
  }

  private Optional<RouteConfig.ProviderTokenNeed> providerToken(Section section) {
    Optional<String> provider =
        required(section, "providerToken", "provider", "provider: github")
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

  private static boolean acceptsHmac(RouteConfig.Accept accept) {
    return accept instanceof RouteConfig.AnyOf(List<List<Method>> alternatives)
        && alternatives.stream().anyMatch(all -> all.contains(Method.HMAC));
  }

  private Optional<Webhook> webhook(Section section) {
    Optional<Webhook.Vendor> vendor =
        required(section, "webhook", "vendor", "vendor: github")
            .flatMap(node -> Section.parsed(node, "'vendor'", RouteReader::vendor, problems));
    Optional<Node> nameNode = required(section, "webhook", "name", "name: payments");
    Optional<String> name =
        nameNode.flatMap(
            node -> Section.parsed(node, "'name'", RouteReader::webhookName, problems));
    section.refuseUnknown();
    if (vendor.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    Webhook.Vendor first = vendors.putIfAbsent(name.get(), vendor.get());
    if (first != null && first != vendor.get()) {
      problems.add(
          nameNode.get(),
          "the webhook '" + name.get() + "' is one of " + first.id() + " on another route",
          "give it another name: a secret is of one vendor's form");
    }
    return Optional.of(new Webhook(vendor.get(), name.get()));
  }

  private static Webhook.Vendor vendor(String text) {
    for (Webhook.Vendor vendor : Webhook.Vendor.values()) {
      if (vendor.id().equals(text)) {
        return vendor;
      }
    }
    throw new IllegalArgumentException(
        "is nobody whose signatures the gate knows: write github, stripe, slack or standard");
  }

  private static String webhookName(String text) {
    if (!SignatureKeys.WEBHOOK_NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is no name: write up to 64 small letters, digits, '-', '_' and '.', as payments");
    }
    return text;
  }

  private Optional<Node> required(Section route, String key, String example) {
    return required(route, "route", key, example);
  }

  private Optional<Node> required(Section route, String what, String key, String example) {
    if (route.node() instanceof org.snakeyaml.engine.v2.nodes.MappingNode
        && route.keys().stream().noneMatch(there -> there.getValue().equals(key))) {
      problems.add(route.node(), "this " + what + " has no '" + key + "'", "add " + example);
    }
    return route.take(key);
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
    return route.duration(key, otherwise, Duration.ofMillis(1), LONGEST);
  }

  private Optional<RouteConfig.Accept> accept(Node node) {
    List<Node> items = Section.items(node, "'accept'", problems);
    if (items.isEmpty()) {
      if (node instanceof SequenceNode) {
        problems.add(node, "'accept' is empty", "name a method, or public");
      }
      return Optional.empty();
    }
    List<List<Method>> alternatives = new ArrayList<>();
    boolean complete = true;
    for (Node item : items) {
      if (item instanceof ScalarNode name && name.getValue().equals("public")) {
        if (items.size() == 1) {
          return Optional.of(new RouteConfig.Public());
        }
        problems.add(
            item,
            "'public' beside a method leaves the route open to everybody",
            "write accept: [public], or the methods alone");
        complete = false;
        continue;
      }
      List<Method> all = allOf(item);
      complete &= !all.isEmpty();
      if (!all.isEmpty() && alternatives.contains(all)) {
        problems.add(item, "this alternative stands here twice", "keep one");
      }
      alternatives.add(all);
    }
    return complete ? Optional.of(new RouteConfig.AnyOf(alternatives)) : Optional.empty();
  }

  /// The methods of one alternative; none, with a problem, when one of them is wrong.
  private List<Method> allOf(Node item) {
    List<Node> names = item instanceof SequenceNode sequence ? sequence.getValue() : List.of(item);
    if (names.isEmpty()) {
      problems.add(item, "this alternative is empty", "name the methods that must all pass");
    }
    List<Method> methods = new ArrayList<>();
    boolean complete = true;
    for (Node node : names) {
      if (!(node instanceof ScalarNode name)) {
        problems.add(node, "this is no method's name", "write a name, or a list of names");
        complete = false;
        continue;
      }
      if (name.getValue().equals("public")) {
        problems.add(node, "'public' cannot be part of an all-of list", "remove it");
        complete = false;
        continue;
      }
      Optional<Method> method = MethodNames.known(name, problems);
      if (method.isEmpty()) {
        complete = false;
      } else if (methods.contains(method.get())) {
        problems.add(node, "'" + method.get() + "' stands in this list twice", "keep one");
        complete = false;
      } else {
        methods.add(method.get());
      }
    }
    List<Method> ofOneField = methods.stream().filter(IN_AUTHORIZATION_ONLY::contains).toList();
    if (ofOneField.size() > 1) {
      problems.add(
          item,
          "no request holds both "
              + ofOneField.get(0)
              + " and "
              + ofOneField.get(1)
              + ", which come in the one Authorization field",
          "keep one");
      complete = false;
    }
    return complete ? methods : List.of();
  }

  private Map<String, Scopes> require(Section require) {
    Map<String, Scopes> read = new LinkedHashMap<>();
    for (ScalarNode key : require.keys()) {
      String name = key.getValue();
      httpMethod(key);
      require
          .take(name)
          .ifPresent(
              node -> read.put(name, scopes(node, "'" + Problems.quoted(name) + "'", problems)));
    }
    if (require.keys().isEmpty()
        && require.node() instanceof org.snakeyaml.engine.v2.nodes.MappingNode) {
      problems.add(
          require.node(),
          "'require' is empty, which would refuse every request",
          "remove it, or write GET: some:scope");
    }
    return read;
  }

  private void httpMethod(ScalarNode key) {
    String name = key.getValue();
    if (name.equals("HEAD")) {
      problems.add(key, "HEAD counts as GET", "write what it needs under GET");
    } else if (!HTTP_METHODS.contains(name)) {
      // A method of one's own is let through; one that looks like a slip is not.
      boolean slip =
          HTTP_METHODS.stream()
              .anyMatch(known -> !known.equals("*") && Nearest.distance(name, known) == 1);
      Optional<String> near = Nearest.to(name, HTTP_METHODS);
      if (!HTTP_METHOD.matcher(name).matches() || slip) {
        problems.add(
            key,
            Problems.quoted(name) + " is no HTTP method",
            near.map(known -> "did you mean '" + known + "'?")
                .orElse("write it in capitals, as in GET, or \"*\" for the rest"));
      }
    }
  }

  /// One scope, or a list of them.
  static Scopes scopes(Node node, String name, Problems problems) {
    List<Node> items = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
    Scopes scopes = Scopes.NONE;
    for (Node item : items) {
      scopes =
          scopes.union(
              Section.parsed(item, "a scope of " + name, RouteReader::scope, problems)
                  .orElse(Scopes.NONE));
    }
    return scopes;
  }

  private static Scopes scope(String text) {
    try {
      return Scopes.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no scope token: write 1 to 128 visible ASCII characters without spaces, quotes or"
              + " backslash; several scopes are a list",
          e);
    }
  }

  CorsConfig cors(Section cors) {
    List<String> origins = new ArrayList<>();
    if (cors.keys().stream().noneMatch(key -> key.getValue().equals("origins"))) {
      problems.add(
          cors.node(), "'cors' has no 'origins'", "add origins: [https://app.example.com]");
    }
    for (Node node : cors.list("origins")) {
      Section.parsed(node, "an origin", RouteReader::corsOrigin, problems).ifPresent(origins::add);
    }
    CorsConfig read =
        new CorsConfig(
            origins,
            fieldNames(cors, "headers"),
            fieldNames(cors, "exposed"),
            cors.flag("credentials", false),
            cors.duration("maxAge", CorsConfig.DEFAULT_MAX_AGE, Duration.ZERO, LONGEST_MAX_AGE));
    cors.refuseUnknown();
    return read;
  }

  private List<String> fieldNames(Section cors, String key) {
    List<String> names = new ArrayList<>();
    for (Node node : cors.list(key)) {
      Section.parsed(
              node,
              item(node, key),
              text -> {
                if (text.equals("*") || !TOKEN.matcher(text).matches()) {
                  throw new IllegalArgumentException(
                      "is no field name: name each field, as in Content-Type");
                }
                return text;
              },
              problems)
          .ifPresent(names::add);
    }
    return names;
  }

  private static String corsOrigin(String text) {
    boolean web = text.startsWith("https:") || text.startsWith("http:");
    return !web && OTHER_ORIGIN.matcher(text).matches() ? text : origin(text);
  }

  /// RFC 6454 §6.2: scheme, host and, where it is not the scheme's own, port.
  static String origin(String text) {
    if (text.equals("*")) {
      throw new IllegalArgumentException(
          "is '*', which would let every site in: name each origin, as in"
              + " https://app.example.com");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is no origin: write scheme and host, as in https://app.example.com", e);
    }
    RouteConfig.refuseUnderscore(uri);
    boolean http = "http".equals(uri.getScheme());
    boolean https = "https".equals(uri.getScheme());
    if (!(http || https)
        || uri.getHost() == null
        || !HOST.matcher(uri.getHost()).matches()
        || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "is no origin: write scheme and host in small letters, as in https://app.example.com");
    }
    if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "has a path or query: write scheme and host only, without a slash behind");
    }
    if (uri.getPort() == (https ? 443 : 80)) {
      throw new IllegalArgumentException(
          "names its scheme's own port: leave it out, as browsers do");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new IllegalArgumentException("has an impossible port: a port is 1 to 65535");
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://" + uri.getHost() + port;
  }

  private static String host(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    if (!HOST.matcher(host).matches() || (host.startsWith("[") && !isIpv6(host))) {
      throw new IllegalArgumentException(
          "is no host name: write the name alone, without scheme, port or path");
    }
    return host;
  }

  private static boolean isIpv6(String inBrackets) {
    String address = inBrackets.substring(1, inBrackets.length() - 1);
    try {
      Network.address(address);
      return address.indexOf(':') >= 0;
    } catch (IllegalArgumentException none) {
      return false;
    }
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
