package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.mtls.ForwardedCertificate;
import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.tls.ServerCertificate;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `gatehouse.yaml`, and reports all that is wrong with it at once.
public final class ConfigReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  /// What may stand in a quoted string of a challenge without an escape (RFC 9110 §5.6.4).
  private static final Pattern REALM = Pattern.compile("[ !#-\\[\\]-~]{1,64}");

  private static final Pattern PREFIX = Pattern.compile("|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final int LEAST_BODY_MEMORY = 128 << 10;
  private static final int MOST_BODY_MEMORY = 1 << 30;
  private static final Duration LONGEST = Duration.ofHours(1);

  // People have passwords, and are sent links by which they set new ones.
  private static final List<Method> PEOPLES = List.of(Method.JWT, Method.SESSION, Method.BASIC);

  private final Path folder;
  private final Instant now;
  private final Problems problems;

  // Where each route stands that could be read.
  private final List<Node> routeNodes = new ArrayList<>();

  private ConfigReader(Path file, Instant now, Problems problems) {
    Path parent = file.toAbsolutePath().getParent();
    this.folder = parent == null ? file.toAbsolutePath() : parent;
    this.now = now;
    this.problems = problems;
  }

  /// Reads a file; paths in it are relative to its folder. Never throws for what the file holds.
  public static ConfigReading read(Path file) {
    return read(file, InstantSource.system());
  }

  /// The same, with the clock that certificates are held against.
  public static ConfigReading read(Path file, InstantSource clock) {
    Problems problems = new Problems(file);
    ConfigReader reader = new ConfigReader(file, clock.instant(), problems);
    Optional<Node> root = Yaml.read(file, problems);
    Optional<GatehouseConfig> config =
        root.map(node -> reader.config(Section.of(node, "the file", problems)));
    if (config.isEmpty() || !problems.isEmpty()) {
      return new ConfigReading.Invalid(problems.inOrder());
    }
    Problems warnings = new Problems(file);
    new ConfigWarnings(config.get(), root.get(), reader.routeNodes, warnings).find();
    return new ConfigReading.Valid(config.get(), warnings.inOrder());
  }

  private GatehouseConfig config(Section root) {
    GatehouseConfig config =
        new GatehouseConfig(
            listen(root),
            folder.resolve(
                root.parsed("data", ConfigReader::path)
                    .orElse(Path.of(GatehouseConfig.DEFAULT_DATA))),
            root.parsed(
                    "realm",
                    text ->
                        matching(
                            REALM,
                            text,
                            "is no realm: write 1 to 64 ASCII characters, no quotes or backslash"))
                .orElse(GatehouseConfig.DEFAULT_REALM),
            root.parsed("publicUrl", RouteReader::origin),
            root.parsed(
                    "prefix",
                    text ->
                        matching(
                            PREFIX,
                            text,
                            "is no prefix: write / and a name, as in /_gate, or leave it out"))
                .orElse(GatehouseConfig.DEFAULT_PREFIX),
            root.section("admin").map(this::admin).orElse(AdminConfig.DEFAULT),
            root.section("limits").map(ConfigReader::limits).orElse(LimitsConfig.DEFAULT),
            root.section("throttle")
                .map(ConfigReader::failedAttempts)
                .orElse(GatehouseConfig.DEFAULT_FAILED_ATTEMPTS_PER_MINUTE),
            root.section("retention").map(RetentionConfig::read).orElse(RetentionConfig.DEFAULT),
            root.section("passwords").map(MethodsReader::passwords).orElse(PasswordConfig.DEFAULT),
            root.section("methods")
                .map(section -> new MethodsReader(folder, problems).read(section))
                .orElse(MethodsConfig.DEFAULT),
            root.section("roles").map(this::roles).orElse(Map.of()),
            root.section("upstreams").map(this::upstreams).orElse(Map.of()),
            routes(root));
    root.refuseUnknown();
    checkTogether(root, config);
    return config;
  }

  // What is right alone and wrong beside something else.
  private void checkTogether(Section root, GatehouseConfig config) {
    boolean development = config.listen().transport() instanceof ListenConfig.DevelopmentTls;
    if (config.publicUrl().isEmpty() && !development) {
      PEOPLES.stream()
          .filter(config.accepted()::contains)
          .findFirst()
          .ifPresent(
              method ->
                  problems.add(
                      root.node(),
                      "a route accepts "
                          + method
                          + ", and nothing says by which address clients reach the gate, where"
                          + " links for a new password lead and which tokens name",
                      "add publicUrl: https://api.example.com"));
    }
    checkUpstreams(root, config);
    checkProviders(root, config);
    checkIssuers(root, config);
    checkAllOf(root, config);
    if (config.accepted().contains(Method.MTLS)
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().certificateField().isEmpty()) {
      problems.add(
          root.node(),
          "a route accepts mtls, and no certificate can reach a gate that speaks plain HTTP",
          "give 'tls', or name the proxy's field in 'clientCertificateField'");
    }
    if (config.accepted().contains(Method.SESSION)
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().tlsTerminators().isEmpty()) {
      problems.add(
          root.node(),
          "a route accepts session, whose cookie is for HTTPS only, and the gate speaks plain HTTP",
          "give 'tls', or name the proxies that end TLS in 'tlsTerminator'");
    }
  }

  private void checkUpstreams(Section root, GatehouseConfig config) {
    List<URI> used =
        config.routes().stream().map(route -> RouteConfig.origin(route.upstream())).toList();
    for (URI named : config.upstreams().keySet()) {
      // A route that was read wrongly is not missing besides.
      if (!used.contains(named) && problems.isEmpty()) {
        problems.add(
            root.node(),
            "'upstreams' names " + named + ", and no route leads there",
            Nearest.to(named.toString(), used.stream().map(URI::toString).toList())
                .map(near -> "did you mean '" + near + "'?")
                .orElse("write it as in the route's 'upstream', or remove it"));
      }
    }
  }

  // Ways in by which no request can pass.
  private void checkAllOf(Section root, GatehouseConfig config) {
    boolean onlyPasswords = config.methods().oauth().providers().isEmpty();
    List<IssuerConfig> issuers = config.methods().oauth().issuers();
    boolean noneLinked =
        !issuers.isEmpty() && issuers.stream().noneMatch(issuer -> issuer.subjects().linked());
    for (RouteConfig route : config.routes()) {
      if (!(route.accept() instanceof RouteConfig.AnyOf(List<List<Method>> alternatives))) {
        continue;
      }
      for (List<Method> all : alternatives) {
        if (onlyPasswords
            && all.contains(Method.SESSION)
            && (all.contains(Method.BASIC) || all.contains(Method.JWT))) {
          problems.add(
              root.node(),
              "no request can pass the route "
                  + route.path()
                  + " by "
                  + all
                  + ": people sign in with a password only, and the methods of an all-of rest on"
                  + " different credentials",
              "add another method than "
                  + (all.contains(Method.BASIC) ? Method.BASIC : Method.JWT)
                  + ", as mtls, or add 'methods.oauth.providers'");
        }
        if (noneLinked && all.size() > 1 && all.contains(Method.OAUTH)) {
          problems.add(
              root.node(),
              "no request can pass the route "
                  + route.path()
                  + " by "
                  + all
                  + ": the tokens of no issuer act for an account of this gate",
              "write subject: linked at an issuer, or accept oauth alone");
        }
      }
    }
  }

  private void checkIssuers(Section root, GatehouseConfig config) {
    List<IssuerConfig> issuers = config.methods().oauth().issuers();
    boolean accepted = config.accepted().contains(Method.OAUTH);
    // One that was read wrongly is not missing besides.
    if (accepted && issuers.isEmpty() && problems.isEmpty()) {
      problems.add(
          root.node(),
          "a route accepts oauth, which means access tokens of other issuers, and there are none",
          config.methods().oauth().providers().isEmpty()
              ? "add 'methods.oauth.issuers'"
              : "people who sign in with a provider get a session: write accept: [session]; or add"
                  + " 'methods.oauth.issuers'");
    }
    if (!accepted && !issuers.isEmpty()) {
      problems.add(
          root.node(),
          "'issuers' are of no use, as no route accepts oauth",
          "write accept: [oauth] at a route, or remove them");
    }
    for (IssuerConfig issuer : issuers) {
      if (issuer.issuer().toString().equals(config.issuer())) {
        problems.add(
            root.node(),
            "the issuer " + issuer.issuer() + " is this gate itself, whose tokens are jwt",
            "write accept: [jwt], or name another issuer");
      }
      // OpenID Connect Core §2: the audience of an ID token is the client.
      config.methods().oauth().providers().values().stream()
          .filter(
              provider ->
                  provider.issuer().equals(issuer.issuer())
                      && provider.clientId().equals(issuer.audience()))
          .findFirst()
          .ifPresent(
              provider ->
                  problems.add(
                      root.node(),
                      "the audience of "
                          + issuer.issuer()
                          + " is the client id by which people sign in there, as in ID tokens",
                      "let the issuer name this API in its access tokens, and write that"));
    }
  }

  private void checkProviders(Section root, GatehouseConfig config) {
    Map<String, ProviderConfig> providers = config.methods().oauth().providers();
    boolean sessions = config.accepted().contains(Method.SESSION);
    boolean tokens = config.accepted().contains(Method.JWT);
    boolean codes = !config.methods().oauth().codeReturnPaths().isEmpty();
    if (codes && providers.isEmpty() && problems.isEmpty()) {
      problems.add(
          root.node(),
          "'codeReturnPaths' are of no use, as there are no providers",
          "add 'methods.oauth.providers', or remove them");
    }
    if (codes && !tokens) {
      problems.add(
          root.node(),
          "'codeReturnPaths' are of no use, as no route accepts jwt, and a page exchanges its code"
              + " for tokens",
          "write accept: [jwt] at a route, or remove them");
    }
    // A path that was read wrongly is not missing besides.
    if (!providers.isEmpty() && !sessions && tokens && !codes && problems.isEmpty()) {
      problems.add(
          root.node(),
          "'providers' are of no use, as no route accepts session, and no page may get a code for"
              + " tokens",
          "write accept: [session] at a route, or name the pages in"
              + " 'methods.oauth.codeReturnPaths'");
    }
    if (!providers.isEmpty() && !sessions && !tokens) {
      problems.add(
          root.node(),
          "'providers' are of no use, as no route accepts session or jwt, and who signs in with"
              + " one gets nothing else",
          "write accept: [session] at a route, or jwt for pages that hold tokens");
    }
    if (!providers.isEmpty()
        && !sessions
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().tlsTerminators().isEmpty()) {
      problems.add(
          root.node(),
          "'providers' send people back over HTTPS, and the gate speaks plain HTTP",
          "give 'tls', or name the proxies that end TLS in 'tlsTerminator'");
    }
    for (RouteConfig route : config.routes()) {
      route
          .providerToken()
          .ifPresent(
              need -> {
                ProviderConfig provider = providers.get(need.provider());
                if (provider == null) {
                  problems.add(
                      root.node(),
                      "the route "
                          + route.path()
                          + " names the provider "
                          + Problems.quoted(need.provider())
                          + ", and there is none",
                      Nearest.to(need.provider(), providers.keySet())
                          .map(near -> "did you mean '" + near + "'?")
                          .orElse("add it to 'methods.oauth.providers'"));
                } else if (!provider.keepTokens()) {
                  problems.add(
                      root.node(),
                      "the route "
                          + route.path()
                          + " needs a token of "
                          + Problems.quoted(need.provider())
                          + ", which keeps none",
                      "write keepTokens: true at that provider");
                }
              });
    }
  }

  private ListenConfig listen(Section root) {
    Optional<Section> given = root.section("listen");
    if (given.isEmpty()) {
      return new ListenConfig(
          ListenConfig.DEFAULT_ADDRESS,
          ListenConfig.DEFAULT_PORT,
          new ListenConfig.DevelopmentTls(),
          List.of());
    }
    Section listen = given.get();
    InetAddress address =
        listen.parsed("address", ConfigReader::address).orElse(ListenConfig.DEFAULT_ADDRESS);
    int port = listen.integer("port", ListenConfig.DEFAULT_PORT, 0, 65535);
    Optional<Node> tls = listen.take("tls");
    boolean plainHttp = listen.flag("plainHttp", false);
    List<Network> terminators = new ArrayList<>();
    List<Node> terminatorNodes = listen.list("tlsTerminator");
    for (Node node : terminatorNodes) {
      Section.parsed(node, "an address of 'tlsTerminator'", ConfigReader::network, problems)
          .ifPresent(terminators::add);
    }
    ListenConfig.ClientCertificates clients =
        listen
            .parsed("clientCertificates", ConfigReader::clientCertificates)
            .orElse(ListenConfig.ClientCertificates.AS_NEEDED);
    Optional<Node> fieldNode = listen.take("clientCertificateField");
    Optional<ForwardedCertificate> field =
        fieldNode.flatMap(
            node ->
                Section.parsed(
                    node, "'clientCertificateField'", ConfigReader::certificateField, problems));
    if (fieldNode.isPresent() && terminatorNodes.isEmpty()) {
      problems.add(
          fieldNode.get(),
          "nobody may say in a field what certificate a caller showed",
          "name the proxies that end TLS in 'tlsTerminator', or remove it");
    }
    if (plainHttp && clients != ListenConfig.ClientCertificates.AS_NEEDED) {
      problems.add(
          listen.node(),
          "'clientCertificates' is for TLS, and the gate speaks plain HTTP",
          "let the proxy ask for certificates, and name its field in 'clientCertificateField'");
    }
    Optional<Section> hstsSection = listen.section("hsts");
    Optional<Hsts> hsts = tls.isPresent() ? Optional.of(Hsts.DEFAULT) : Optional.empty();
    if (hstsSection.isPresent()) {
      hsts = hsts(hstsSection.get());
      if (tls.isEmpty() && terminatorNodes.isEmpty()) {
        problems.add(
            hstsSection.get().node(),
            "'hsts' is of no use without a certificate for more than localhost",
            "give 'tls', name the proxies that end TLS in 'tlsTerminator', or remove it");
      }
    }
    listen.refuseUnknown();

    if (plainHttp) {
      if (tls.isPresent()) {
        problems.add(
            tls.get(), "'tls' and 'plainHttp: true' exclude each other", "remove one of them");
      } else if (!address.isLoopbackAddress() && terminatorNodes.isEmpty()) {
        problems.add(
            listen.node(),
            "plain HTTP on " + address.getHostAddress() + " would show credentials to the network",
            "give 'tls', listen on 127.0.0.1, or name the proxies that end TLS in 'tlsTerminator'");
      }
      return new ListenConfig(
          address, port, new ListenConfig.PlainHttp(), terminators, clients, field, hsts);
    }
    if (tls.isPresent()) {
      ListenConfig.Transport transport =
          certificate(Section.of(tls.get(), "'tls'", problems))
              .<ListenConfig.Transport>map(ListenConfig.Tls::new)
              .orElse(new ListenConfig.DevelopmentTls());
      return new ListenConfig(address, port, transport, terminators, clients, field, hsts);
    }
    if (!address.isLoopbackAddress()) {
      problems.add(
          listen.node(),
          "no certificate for "
              + address.getHostAddress()
              + ": the development one is for"
              + " localhost only",
          "give 'tls: { certificate: FILE, key: FILE }', or listen on 127.0.0.1");
    }
    return new ListenConfig(
        address, port, new ListenConfig.DevelopmentTls(), terminators, clients, field, hsts);
  }

  private Optional<Hsts> hsts(Section section) {
    String responses = section.parsed("responses", ConfigReader::responses).orElse("own");
    Hsts hsts =
        new Hsts(
            section.duration("maxAge", Hsts.DEFAULT.maxAge(), Duration.ZERO, Duration.ofDays(3650)),
            section.flag("includeSubDomains", false),
            responses.equals("all"));
    section.refuseUnknown();
    return responses.equals("none") ? Optional.empty() : Optional.of(hsts);
  }

  private static String responses(String text) {
    if (!List.of("own", "all", "none").contains(text)) {
      throw new IllegalArgumentException("is neither own nor all nor none: write one of them");
    }
    return text;
  }

  private Optional<ServerCertificate> certificate(Section tls) {
    Optional<Node> certificateNode = tls.take("certificate");
    Optional<Node> keyNode = tls.take("key");
    tls.refuseUnknown();
    for (String key : List.of("certificate", "key")) {
      if (tls.keys().stream().noneMatch(there -> there.getValue().equals(key))) {
        problems.add(
            tls.node(), "'tls' has no '" + key + "'", "name the PEM file, as in " + key + ": FILE");
      }
    }
    if (certificateNode.isEmpty() || keyNode.isEmpty()) {
      return Optional.empty();
    }
    Optional<Path> certificate = file(certificateNode.get(), "'certificate'");
    Optional<Path> key = file(keyNode.get(), "'key'");
    if (certificate.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return switch (ServerCertificate.read(certificate.get(), key.get(), now)) {
      case ServerCertificate.Usable(var usable) -> Optional.of(usable);
      case ServerCertificate.Unusable unusable when unusable.file().equals(key.get()) -> {
        add(keyNode.get(), unusable);
        yield Optional.empty();
      }
      case ServerCertificate.Unusable unusable -> {
        add(certificateNode.get(), unusable);
        ServerCertificate.keyFault(key.get()).ifPresent(fault -> add(keyNode.get(), fault));
        yield Optional.empty();
      }
    };
  }

  private void add(Node node, ServerCertificate.Unusable unusable) {
    problems.add(node, unusable.file() + " " + unusable.problem(), unusable.advice());
  }

  private Optional<Path> file(Node node, String name) {
    return Section.parsed(node, name, ConfigReader::path, problems).map(folder::resolve);
  }

  private AdminConfig admin(Section admin) {
    AdminConfig read =
        new AdminConfig(
            admin
                .parsed(
                    "address",
                    text -> {
                      InetAddress address = address(text);
                      if (!address.isLoopbackAddress()) {
                        throw new IllegalArgumentException(
                            "is not loopback: the admin API listens on 127.0.0.1 or ::1 only");
                      }
                      return address;
                    })
                .orElse(AdminConfig.DEFAULT.address()),
            admin.integer("port", AdminConfig.DEFAULT.port(), 0, 65535));
    admin.refuseUnknown();
    return read;
  }

  private static LimitsConfig limits(Section limits) {
    LimitsConfig otherwise = LimitsConfig.DEFAULT;
    int connections = limits.integer("connections", otherwise.connections(), 1, 1_000_000);
    LimitsConfig read =
        new LimitsConfig(
            Math.toIntExact(
                limits.size("headerBytes", 1024, 1 << 20).orElse((long) otherwise.headerBytes())),
            limits.integer("headerCount", otherwise.headerCount(), 10, 1000),
            Math.toIntExact(
                limits.size("targetBytes", 256, 1 << 16).orElse((long) otherwise.targetBytes())),
            limits
                .size("bodyBytes", 0, Long.MAX_VALUE)
                .map(OptionalLong::of)
                .orElse(otherwise.bodyBytes()),
            limits.duration("headerTimeout", otherwise.headerTimeout(), SHORTEST, LONGEST),
            limits.duration("idleTimeout", otherwise.idleTimeout(), SHORTEST, LONGEST),
            limits.duration("bodyTimeout", otherwise.bodyTimeout(), SHORTEST, LONGEST),
            connections,
            limits.integer(
                "connectionsPerAddress", LimitsConfig.defaultPerAddress(connections), 1, 1_000_000),
            limits.integer("http2Streams", otherwise.http2Streams(), 1, 10_000),
            bodyMemory(limits, otherwise.bodyMemory()));
    limits.refuseUnknown();
    return read;
  }

  private static int failedAttempts(Section throttle) {
    int read =
        throttle.integer(
            "failedAttemptsPerMinute",
            GatehouseConfig.DEFAULT_FAILED_ATTEMPTS_PER_MINUTE,
            1,
            1_000_000);
    throttle.refuseUnknown();
    return read;
  }

  private Map<String, Scopes> roles(Section roles) {
    Map<String, Scopes> read = new LinkedHashMap<>();
    for (ScalarNode key : roles.keys()) {
      if (!NAME.matcher(key.getValue()).matches()) {
        problems.add(
            key,
            Problems.quoted(key.getValue()) + " is no name for a role",
            "write 1 to 64 letters, digits, '.', '_' and '-'");
      }
      roles
          .take(key.getValue())
          .ifPresent(
              node ->
                  read.put(
                      key.getValue(),
                      RouteReader.scopes(
                          node, "the role " + Problems.quoted(key.getValue()), problems)));
    }
    return read;
  }

  /// What bodies may take together while they are read. One address gets half of it at most: at
  /// least as much as the longest body that the admin API takes.
  static int bodyMemory(Section section, int otherwise) {
    return Math.toIntExact(
        section.size("bodyMemory", LEAST_BODY_MEMORY, MOST_BODY_MEMORY).orElse((long) otherwise));
  }

  private Map<URI, UpstreamConfig> upstreams(Section upstreams) {
    Map<URI, UpstreamConfig> read = new LinkedHashMap<>();
    for (ScalarNode key : upstreams.keys()) {
      String name = Problems.quoted(key.getValue());
      Optional<URI> address = Section.parsed(key, name, RouteConfig::upstream, problems);
      Optional<Section> limits =
          upstreams.take(key.getValue()).map(node -> Section.of(node, name, problems));
      if (address.isEmpty() || limits.isEmpty()) {
        continue;
      }
      UpstreamConfig otherwise = UpstreamConfig.DEFAULT;
      UpstreamConfig its =
          new UpstreamConfig(
              limits.get().integer("requests", otherwise.requests(), 1, 1_000_000),
              limits.get().integer("webSockets", otherwise.webSockets(), 1, 1_000_000),
              limits.get().integer("queue", otherwise.queue(), 0, 100_000),
              limits.get().duration("queueTimeout", otherwise.queueTimeout(), SHORTEST, LONGEST));
      limits.get().refuseUnknown();
      if (read.put(RouteConfig.origin(address.get()), its) != null) {
        problems.add(key, name + " stands here a second time", "keep one");
      }
    }
    return read;
  }

  private List<RouteConfig> routes(Section root) {
    boolean there = root.keys().stream().anyMatch(key -> key.getValue().equals("routes"));
    List<Node> nodes = root.list("routes", "begin each route with '- path:'");
    if (!there) {
      problems.add(
          root.node(),
          "there are no 'routes'",
          "add 'routes:' with '- path: /', 'upstream: http://127.0.0.1:3000', 'accept: [apikey]'");
    } else if (nodes.isEmpty() && problems.isEmpty()) {
      problems.add(root.node(), "'routes' is empty", "add '- path: /' and what belongs to it");
    }
    RouteReader reader = new RouteReader(folder, problems);
    List<RouteConfig> routes = new ArrayList<>();
    for (Node node : nodes) {
      reader
          .read(Section.of(node, "this route", problems))
          .ifPresent(
              route -> {
                routes.add(route);
                routeNodes.add(node);
              });
    }
    return routes;
  }

  static Path path(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no path: name a file or folder");
    }
    return Path.of(text);
  }

  private static ListenConfig.ClientCertificates clientCertificates(String text) {
    return switch (text) {
      case "request" -> ListenConfig.ClientCertificates.REQUEST;
      case "require" -> ListenConfig.ClientCertificates.REQUIRE;
      default ->
          throw new IllegalArgumentException(
              "is neither request nor require: write one of them, or leave it out");
    };
  }

  private static ForwardedCertificate certificateField(String text) {
    for (ForwardedCertificate field : ForwardedCertificate.values()) {
      if (field.field().equalsIgnoreCase(text)) {
        return field;
      }
    }
    throw new IllegalArgumentException(
        "is no field of that kind: write Client-Cert or X-Forwarded-Client-Cert");
  }

  private static InetAddress address(String text) {
    try {
      return Network.address(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no IP address: write 127.0.0.1, ::1, or 0.0.0.0 for every address", e);
    }
  }

  /// The block of addresses that this text is, for [Section#parsed]. A block of every address is
  /// refused.
  static Network network(String text) {
    try {
      Network network = Network.parse(text);
      if (text.endsWith("/0")) {
        throw new IllegalArgumentException("takes in every address");
      }
      return network;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no block of addresses ("
              + e.getMessage()
              + "): write one address, or a block as in 10.0.0.0/8",
          e);
    }
  }

  private static String matching(Pattern pattern, String text, String message) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException(message);
    }
    return text;
  }
}
