package dev.gatehouse.server.config;

import dev.gatehouse.Scopes;
import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.server.provider.AllowedAddresses;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `issuers`: whose access tokens are accepted.
final class IssuerReader {

  private static final Pattern AUDIENCE = Pattern.compile("[!-~]{1,255}");
  private static final Pattern CLAIM = Pattern.compile("[!-~]{1,200}");

  private static final Pattern CLIENT = Pattern.compile("[ -~]{1,256}"); // RFC 6749 §A.1

  private static final int MAX_MAPPED = 500;

  private final Path folder;
  private final Problems problems;

  IssuerReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  List<IssuerConfig> read(List<Node> issuers) {
    List<IssuerConfig> read = new ArrayList<>();
    Set<URI> names = new HashSet<>();
    for (Node node : issuers) {
      issuer(Section.of(node, "this issuer", problems))
          .ifPresent(
              issuer -> {
                if (!names.add(issuer.issuer())) {
                  problems.add(
                      node, "the issuer " + issuer.issuer() + " is listed twice", "keep one");
                }
                read.add(issuer);
              });
    }
    return read;
  }

  private Optional<IssuerConfig> issuer(Section section) {
    require(section, "issuer", "issuer: https://id.example.com, as its tokens name it in iss");
    require(
        section,
        "audience",
        "audience: https://api.example.com, as its tokens for this API name it in aud: without it,"
            + " tokens for any other API would open this one");
    Optional<URI> issuer = section.parsed("issuer", IssuerReader::name);
    Optional<String> audience =
        section.parsed(
            "audience",
            text ->
                ValueParsers.matching(
                    AUDIENCE, text, "is no audience: write what tokens name in aud"));
    boolean linked = section.parsed("subject", IssuerReader::isLinked).orElse(false);
    Optional<Node> clientClaimsNode = section.take("clientClaims");
    Set<String> clientClaims = clientClaimsNode.map(this::clientClaims).orElse(Set.of());
    if (linked && clientClaimsNode.isPresent()) {
      problems.add(
          clientClaimsNode.get(),
          "'clientClaims' have no effect where a token acts for a linked account",
          "remove 'clientClaims': the own tokens of clients are refused there");
    }
    ScopeMapping scopes = section.section("scopes").map(this::scopes).orElse(ScopeMapping.NOTHING);
    boolean untyped = section.flag("untyped", true);
    Optional<Node> keysNode = section.take("keys");
    Optional<URI> keys =
        keysNode.flatMap(node -> Section.parsed(node, "'keys'", ProviderReader::issuer, problems));
    Optional<Node> introspectionNode = section.take("introspection");
    Optional<IssuerConfig.Introspection> introspection =
        introspectionNode.flatMap(
            node -> introspection(Section.of(node, "'introspection'", problems)));
    if (keysNode.isPresent() && introspectionNode.isPresent()) {
      problems.add(
          keysNode.get(),
          "'keys' have no effect where the issuer is asked about each token",
          "remove 'keys' or 'introspection'");
    }
    Optional<TrustedCertificates> ca =
        section.parsed("caFile", text -> TrustedCertificates.read(folder.resolve(text)));
    List<URI> hosts = new ArrayList<>();
    issuer.ifPresent(hosts::add);
    keys.ifPresent(hosts::add);
    introspection.flatMap(IssuerConfig.Introspection::endpoint).ifPresent(hosts::add);
    AllowedAddresses addresses = InternalNetworks.read(section, hosts, problems);
    section.refuseUnknown();
    return issuer.isEmpty() || audience.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new IssuerConfig(
                issuer.get(),
                audience.get(),
                new TrustedIssuer.Subjects(linked, clientClaims),
                scopes,
                untyped,
                keys,
                introspection,
                addresses,
                ca));
  }

  private Set<String> clientClaims(Node node) {
    Set<String> claims = new HashSet<>();
    for (Node item : Section.items(node, "'clientClaims'", problems)) {
      Section.parsed(
              item,
              "an item of 'clientClaims'",
              text ->
                  ValueParsers.matching(CLAIM, text, "is no claim: write org, or client_region"),
              problems)
          .ifPresent(claims::add);
    }
    return claims;
  }

  private void require(Section section, String key, String example) {
    if (section.node() instanceof MappingNode
        && section.keys().stream().noneMatch(there -> there.getValue().equals(key))) {
      problems.add(section.node(), "this issuer has no '" + key + "'", "add " + example);
    }
  }

  private static URI name(String text) {
    if (text.indexOf('|') >= 0) {
      throw new IllegalArgumentException("holds a |: write it as its tokens name it in iss");
    }
    return ProviderReader.issuer(text);
  }

  private static boolean isLinked(String text) {
    return switch (text) {
      case "foreign" -> false;
      case "linked" -> true;
      default ->
          throw new IllegalArgumentException(
              "is not foreign or linked: write linked for the account that the person linked");
    };
  }

  private ScopeMapping scopes(Section section) {
    String claim =
        section
            .parsed(
                "claim",
                text ->
                    ValueParsers.matching(
                        CLAIM, text, "is no claim: write scope, or groups, or a.b"))
            .orElse(ScopeMapping.NOTHING.claim());
    Map<String, Scopes> map = new LinkedHashMap<>();
    section
        .section("map")
        .ifPresent(
            values -> {
              for (ScalarNode key : values.keys()) {
                values
                    .take(key.getValue())
                    .ifPresent(node -> map.put(key.getValue(), mapped(key.getValue(), node)));
              }
              if (map.size() > MAX_MAPPED) {
                problems.add(
                    values.node(), "more than " + MAX_MAPPED + " values", "map fewer of them");
              }
            });
    boolean pass = section.flag("pass", false);
    section.refuseUnknown();
    if (map.isEmpty() && !pass) {
      problems.add(
          section.node(),
          "'scopes' gives nothing",
          "add map: { their.scope: [orders:read] }, or pass: true for their scopes as they are");
    }
    return new ScopeMapping(claim, map, pass);
  }

  private Scopes mapped(String value, Node node) {
    Scopes scopes = ScopesReader.scopes(node, "'" + Problems.quoted(value) + "'", problems);
    if (scopes.tokens().stream().anyMatch(token -> token.startsWith("gatehouse:"))) {
      problems.add(
          node,
          "scopes that begin with gatehouse: come from grants of this gate only",
          "grant them to an account with 'gatehouse account'");
      return Scopes.NONE;
    }
    return scopes;
  }

  private Optional<IssuerConfig.Introspection> introspection(Section section) {
    for (String key : List.of("clientId", "clientSecretFile")) {
      if (section.node() instanceof MappingNode
          && section.keys().stream().noneMatch(there -> there.getValue().equals(key))) {
        problems.add(
            section.node(),
            "'introspection' has no '" + key + "', by which the issuer knows the gate",
            "add " + key + ": and what the issuer gave you");
      }
    }
    Optional<URI> endpoint = section.parsed("endpoint", ProviderReader::issuer);
    Optional<String> clientId =
        section.parsed(
            "clientId",
            text ->
                ValueParsers.matching(
                    CLIENT, text, "is no client id: write what the issuer shows"));
    Optional<ProviderConfig.ClientSecret> secret =
        section.parsed("clientSecretFile", new ProviderReader(folder, problems)::clientSecret);
    boolean inBody = section.flag("secretInBody", false);
    boolean remember = section.flag("remember", true);
    section.refuseUnknown();
    return clientId.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new IssuerConfig.Introspection(
                endpoint, clientId.get(), secret.get(), inBody, remember));
  }
}
