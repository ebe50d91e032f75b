package dev.gatehouse.server.config;

import dev.gatehouse.Scopes;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `gatehouse.yaml`, and reports all mistakes at once.
public final class ConfigReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  /// The characters that need no escape in a quoted string of a challenge (RFC 9110 §5.6.4).
  private static final Pattern REALM = Pattern.compile("[ !#-\\[\\]-~]{1,64}");

  private static final Pattern PREFIX = Pattern.compile("|(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+");

  private final Path folder;
  private final Instant now;
  private final Problems problems;

  // The node of each route that could be read.
  private final List<Node> routeNodes = new ArrayList<>();

  private ConfigReader(Path file, Instant now, Problems problems) {
    Path parent = file.toAbsolutePath().getParent();
    this.folder = parent == null ? file.toAbsolutePath() : parent;
    this.now = now;
    this.problems = problems;
  }

  /// Reads a file. Paths in it are relative to its folder. Throws no exception because of its
  /// content. Blocks.
  public static ConfigReading read(Path file) {
    return read(file, InstantSource.system());
  }

  /// The same, with the clock by which certificates must be valid.
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
            root.section("listen")
                .map(section -> new ListenReader(folder, now, problems).read(section))
                .orElseGet(ListenReader::defaults),
            folder.resolve(
                root.parsed("data", ValueParsers::path)
                    .orElse(Path.of(GatehouseConfig.DEFAULT_DATA))),
            root.parsed(
                    "realm",
                    text ->
                        ValueParsers.matching(
                            REALM,
                            text,
                            "is no realm: write 1 to 64 ASCII characters, no quotes or backslash"))
                .orElse(GatehouseConfig.DEFAULT_REALM),
            root.parsed("publicUrl", ValueParsers::origin),
            root.parsed(
                    "prefix",
                    text ->
                        ValueParsers.matching(
                            PREFIX,
                            text,
                            "is no prefix: write / and a name, as in /_gate, or leave it out"))
                .orElse(GatehouseConfig.DEFAULT_PREFIX),
            root.section("admin").map(this::admin).orElse(AdminConfig.DEFAULT),
            root.section("limits").map(LimitsReader::limits).orElse(LimitsConfig.DEFAULT),
            root.section("throttle")
                .map(LimitsReader::failedAttempts)
                .orElse(GatehouseConfig.DEFAULT_FAILED_ATTEMPTS_PER_MINUTE),
            root.section("retention").map(RetentionConfig::read).orElse(RetentionConfig.DEFAULT),
            root.section("passwords").map(MethodsReader::passwords).orElse(PasswordConfig.DEFAULT),
            root.section("methods")
                .map(section -> new MethodsReader(folder, problems).read(section))
                .orElse(MethodsConfig.DEFAULT),
            root.section("roles").map(this::roles).orElse(Map.of()),
            root.section("upstreams").map(new LimitsReader(problems)::upstreams).orElse(Map.of()),
            routes(root));
    root.refuseUnknown();
    new ConsistencyChecks(config, root.node(), problems).run();
    return config;
  }

  private AdminConfig admin(Section admin) {
    AdminConfig read =
        new AdminConfig(
            admin
                .parsed(
                    "address",
                    text -> {
                      InetAddress address = ValueParsers.address(text);
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
                      ScopesReader.scopes(
                          node, "the role " + Problems.quoted(key.getValue()), problems)));
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
}
