package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import dev.gatehouse.mtls.ForwardedCertificate;
import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.tls.ServerCertificate;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `listen`: the address, TLS, and which proxies may speak for clients.
final class ListenReader {

  private final Path folder;
  private final Instant now;
  private final Problems problems;

  /// @param folder to which the names of files are relative
  /// @param now the time at which certificates must be valid
  ListenReader(Path folder, Instant now, Problems problems) {
    this.folder = folder;
    this.now = now;
    this.problems = problems;
  }

  /// The settings when there is no `listen`.
  static ListenConfig defaults() {
    return new ListenConfig(
        ListenConfig.DEFAULT_ADDRESS,
        ListenConfig.DEFAULT_PORT,
        new ListenConfig.DevelopmentTls(),
        List.of());
  }

  ListenConfig read(Section listen) {
    InetAddress address =
        listen.parsed("address", ValueParsers::address).orElse(ListenConfig.DEFAULT_ADDRESS);
    int port = listen.integer("port", ListenConfig.DEFAULT_PORT, 0, 65535);
    Optional<Node> tls = listen.take("tls");
    boolean plainHttp = listen.flag("plainHttp", false);
    List<Network> terminators = new ArrayList<>();
    List<Node> terminatorNodes = listen.list("tlsTerminator");
    for (Node node : terminatorNodes) {
      Section.parsed(node, "an address of 'tlsTerminator'", ValueParsers::network, problems)
          .ifPresent(terminators::add);
    }
    ListenConfig.ClientCertificates clients =
        listen
            .parsed("clientCertificates", ListenReader::clientCertificates)
            .orElse(ListenConfig.ClientCertificates.AS_NEEDED);
    Optional<Node> fieldNode = listen.take("clientCertificateField");
    Optional<ForwardedCertificate> field =
        fieldNode.flatMap(
            node ->
                Section.parsed(
                    node, "'clientCertificateField'", ListenReader::certificateField, problems));
    if (fieldNode.isPresent() && terminatorNodes.isEmpty()) {
      problems.add(
          fieldNode.get(),
          "no proxy may send the caller's certificate in a field",
          "name the proxies that end TLS in 'tlsTerminator', or remove it");
    }
    if (plainHttp && clients != ListenConfig.ClientCertificates.AS_NEEDED) {
      problems.add(
          listen.node(),
          "'clientCertificates' is for TLS, but the gate speaks plain HTTP",
          "let the proxy ask for certificates, and name its field in 'clientCertificateField'");
    }
    Optional<Hsts> hsts = hsts(listen, tls.isPresent(), !terminatorNodes.isEmpty());
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

  private Optional<Hsts> hsts(Section listen, boolean ownTls, boolean proxyTls) {
    Optional<Section> given = listen.section("hsts");
    if (given.isPresent() && !ownTls && !proxyTls) {
      problems.add(
          given.get().node(),
          "'hsts' has no effect without a certificate for more than localhost",
          "give 'tls', name the proxies that end TLS in 'tlsTerminator', or remove it");
    }
    return given.isPresent()
        ? hsts(given.get())
        : ownTls ? Optional.of(Hsts.DEFAULT) : Optional.empty();
  }

  private static Optional<Hsts> hsts(Section section) {
    String responses = section.parsed("responses", ListenReader::responses).orElse("own");
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
      throw new IllegalArgumentException("is not own, all or none: write one of them");
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
    return Section.parsed(node, name, ValueParsers::path, problems).map(folder::resolve);
  }

  private static ListenConfig.ClientCertificates clientCertificates(String text) {
    return switch (text) {
      case "request" -> ListenConfig.ClientCertificates.REQUEST;
      case "require" -> ListenConfig.ClientCertificates.REQUIRE;
      default ->
          throw new IllegalArgumentException(
              "is not request or require: write one of them, or leave it out");
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
}
