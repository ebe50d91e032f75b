package dev.gatehouse.server.config;

import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.server.provider.AllowedAddresses;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads `providers`: with which providers people may sign in.
final class ProviderReader {

  // The name is a segment of paths: /auth/NAME and /auth/NAME/callback.
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");

  // The paths below /auth that the gate uses itself.
  private static final Set<String> RESERVED_NAMES = Set.of("token");
  private static final Pattern LABEL = Pattern.compile("[^\\p{C}]{1,40}");

  // RFC 6749 §A.1, §A.2: visible ASCII and spaces.
  private static final Pattern CLIENT = Pattern.compile("[ -~]{1,256}");
  private static final Pattern SECRET = Pattern.compile("[ -~]{1,1024}");

  // RFC 6749 §3.3
  private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~]{1,128}");

  // RFC 6749 §8.2: the form of a parameter's name.
  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final Pattern PARAMETER_VALUE = Pattern.compile("[ -~]{1,1000}");
  private static final String VALUE_ADVICE = "write 1 to 1000 ASCII characters";

  // The parameters that the gate sets itself, and those by which the answer would come in another
  // form or in another way (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1 and §6,
  // OAuth 2.0 Multiple Response Types §2.1).
  private static final Set<String> SET_BY_THE_GATE =
      Set.of(
          "response_type",
          "response_mode",
          "client_id",
          "client_secret",
          "redirect_uri",
          "scope",
          "state",
          "nonce",
          "code_challenge",
          "code_challenge_method",
          "max_age",
          "request",
          "request_uri");

  private static final Pattern LINE_END = Pattern.compile("\\r?\\n\\z");
  private static final int MAX_SECRET_BYTES = 4096;
  private static final int MAX_ISSUER = 255;
  private static final int MAX_SCOPES = 32;
  private static final int MAX_PARAMETERS = 20;
  private static final URI GITHUB = URI.create("https://github.com");
  private static final URI GITHUB_API = URI.create("https://api.github.com");
  private static final URI GOOGLE = URI.create("https://accounts.google.com");

  private final Path folder;
  private final Problems problems;

  /// @param folder to which the names of files are relative
  ProviderReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  /// The providers, in the order of the file.
  Map<String, ProviderConfig> read(Section providers) {
    Map<String, ProviderConfig> read = new LinkedHashMap<>();
    for (ScalarNode key : providers.keys()) {
      String name = key.getValue();
      if (RESERVED_NAMES.contains(name)) {
        problems.add(
            key, "/auth/" + name + " is a path of the gate itself", "call the provider otherwise");
      } else if (!NAME.matcher(name).matches()) {
        problems.add(
            key,
            Problems.quoted(name) + " is no name for a provider, since the name is part of paths",
            "write up to 32 small letters, digits and '-', as acme");
      }
      providers
          .section(name)
          .flatMap(section -> provider(name, section))
          .ifPresent(
              provider -> {
                checkKeptTokens(key, provider, read);
                read.put(name, provider);
              });
    }
    return read;
  }

  // A token that was issued to one client would be used by the other, which may have other scopes.
  private void checkKeptTokens(
      ScalarNode key, ProviderConfig provider, Map<String, ProviderConfig> before) {
    before.forEach(
        (name, other) -> {
          if (other.issuer().equals(provider.issuer())
              && (other.keepTokens() || provider.keepTokens())) {
            problems.add(
                key,
                Problems.quoted(name)
                    + " and "
                    + Problems.quoted(key.getValue())
                    + " have one issuer, and a kept token belongs to the issuer",
                "remove one provider, or 'keepTokens' of both");
          }
        });
  }

  private Optional<ProviderConfig> provider(String name, Section section) {
    ProviderConfig.Type type =
        section.parsed("type", ProviderReader::type).orElse(ProviderConfig.Type.OIDC);
    boolean github = type == ProviderConfig.Type.GITHUB;
    Optional<Node> issuerNode = section.take("issuer");
    Optional<URI> given =
        issuerNode.flatMap(
            node -> Section.parsed(node, "'issuer'", ProviderReader::issuer, problems));
    if (issuerNode.isEmpty() && type == ProviderConfig.Type.OIDC) {
      missing(section, "issuer", "issuer: https://id.example.com, or say type: github or google");
    }
    if (issuerNode.isPresent() && type == ProviderConfig.Type.GOOGLE) {
      problems.add(
          issuerNode.get(), "Google has one issuer, which the gate knows", "remove 'issuer'");
    }
    if (type == ProviderConfig.Type.OIDC
        && given.filter(uri -> GOOGLE.getHost().equalsIgnoreCase(uri.getHost())).isPresent()) {
      problems.add(
          issuerNode.orElseThrow(),
          "this issuer is Google, which vouches for some addresses only",
          "write type: google, and remove 'issuer'");
    }
    Optional<Node> apiNode = section.take("apiUrl");
    Optional<URI> api =
        apiNode.flatMap(node -> Section.parsed(node, "'apiUrl'", ProviderReader::issuer, problems));
    if (apiNode.isPresent() && !github) {
      problems.add(apiNode.get(), "'apiUrl' is for type: github", "remove it");
    } else if (github && given.isPresent() != api.isPresent()) {
      problems.add(
          section.node(),
          "a GitHub of your own has an 'issuer' and an 'apiUrl'",
          "add issuer: https://github.example.com and apiUrl: https://github.example.com/api/v3");
    }
    if (section.keys().stream().noneMatch(key -> key.getValue().equals("clientId"))) {
      missing(section, "clientId", "clientId: and what the provider calls the gate");
    }
    Optional<String> clientId =
        section.parsed(
            "clientId",
            text ->
                ValueParsers.matching(
                    CLIENT,
                    text,
                    "is no client id: write what the provider shows, 1 to 256 ASCII"));
    Optional<ProviderConfig.ClientSecret> secret =
        section.parsed("clientSecretFile", this::clientSecret);
    Optional<Node> scopesNode = section.take("scopes");
    List<String> scopes =
        scopesNode.map(node -> words(node, "a scope", SCOPE, "is no scope")).orElse(List.of());
    if (scopes.size() > MAX_SCOPES) {
      problems.add(
          scopesNode.orElseThrow(), "more than " + MAX_SCOPES + " scopes", "ask for what is used");
    }
    Map<String, String> parameters = parameters(section);
    boolean linkByEmail = section.flag("linkByEmail", false);
    AllowList allow = allow(section, type, linkByEmail);
    List<URI> hosts = new ArrayList<>();
    given.ifPresent(hosts::add);
    api.ifPresent(hosts::add);
    AllowedAddresses addresses = InternalNetworks.read(section, hosts, problems);
    ProviderConfig read =
        new ProviderConfig(
            type,
            section
                .parsed(
                    "label",
                    text ->
                        ValueParsers.matching(
                            LABEL,
                            text,
                            "is no name for a button: write 1 to 40 letters, as in Acme"))
                .orElseGet(() -> label(type, name)),
            given.orElse(type == ProviderConfig.Type.GOOGLE ? GOOGLE : GITHUB),
            github ? Optional.of(api.orElse(GITHUB_API)) : Optional.empty(),
            clientId.orElse(""),
            secret,
            scopes,
            parameters,
            allow,
            section.flag("keepTokens", false),
            addresses,
            section.parsed("caFile", text -> TrustedCertificates.read(folder.resolve(text))));
    if (github && section.keys().stream().noneMatch(k -> k.getValue().equals("clientSecretFile"))) {
      missing(
          section, "clientSecretFile", "clientSecretFile: github.secret, which GitHub asks for");
    }
    section.refuseUnknown();
    return clientId.isPresent() && (given.isPresent() || type != ProviderConfig.Type.OIDC)
        ? Optional.of(read)
        : Optional.empty();
  }

  private Map<String, String> parameters(Section provider) {
    Map<String, String> parameters = new LinkedHashMap<>();
    Optional<Section> given = provider.section("authorizationParameters");
    for (ScalarNode key : given.map(Section::keys).orElse(List.of())) {
      String name = key.getValue();
      given
          .get()
          .parsed(
              name,
              text ->
                  ValueParsers.matching(
                      PARAMETER_VALUE, text, "has no such value: " + VALUE_ADVICE))
          .ifPresent(value -> parameters.put(name, value));
      if (SET_BY_THE_GATE.contains(name)) {
        problems.add(
            key, Problems.quoted(name) + " is a parameter that the gate sets itself", "remove it");
      } else if (!PARAMETER.matcher(name).matches()) {
        problems.add(
            key,
            Problems.quoted(name) + " is no name of a parameter",
            "write letters, digits, '_', '.' and '-', as in access_type");
      }
    }
    if (parameters.size() > MAX_PARAMETERS) {
      problems.add(
          given.orElseThrow().node(),
          "more than " + MAX_PARAMETERS + " parameters",
          "send what the provider needs");
    }
    return parameters;
  }

  private void missing(Section section, String key, String example) {
    if (section.node() instanceof MappingNode) {
      problems.add(section.node(), "this provider has no '" + key + "'", "add " + example);
    }
  }

  private static ProviderConfig.Type type(String text) {
    for (ProviderConfig.Type type : ProviderConfig.Type.values()) {
      if (type.name().equalsIgnoreCase(text)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "is none that the gate knows: write github, google, or oidc for any other issuer");
  }

  private static String label(ProviderConfig.Type type, String name) {
    return switch (type) {
      case GITHUB -> "GitHub";
      case GOOGLE -> "Google";
      case OIDC -> name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1);
    };
  }

  private AllowList allow(Section provider, ProviderConfig.Type type, boolean linkByEmail) {
    Optional<Section> given = provider.section("allow");
    if (given.isEmpty()) {
      return new AllowList(false, Set.of(), Set.of(), Set.of(), linkByEmail);
    }
    Section allow = given.get();
    boolean anyone = allow.flag("anyone", false);
    Set<String> emails = names(allow, "emails");
    Set<String> domains = names(allow, "emailDomains");
    Optional<Node> organisationsNode = allow.take("organisations");
    Set<String> organisations =
        organisationsNode
            .map(node -> Set.copyOf(words(node, "an organisation", CLIENT, "is no name")))
            .orElse(Set.of());
    if (organisationsNode.isPresent() && type != ProviderConfig.Type.GITHUB) {
      problems.add(
          organisationsNode.get(),
          "'organisations' are GitHub's; of others the gate knows the e-mail address",
          "use 'emailDomains' or 'emails'");
    }
    allow.refuseUnknown();
    try {
      return new AllowList(anyone, emails, domains, organisations, linkByEmail);
    } catch (IllegalArgumentException wrong) {
      problems.add(allow.node(), "'allow': " + wrong.getMessage(), "correct it");
      return AllowList.NOBODY;
    }
  }

  private Set<String> names(Section allow, String key) {
    return allow
        .take(key)
        .map(node -> Set.copyOf(words(node, "an item of '" + key + "'", CLIENT, "is no name")))
        .orElse(Set.of());
  }

  private List<String> words(Node list, String name, Pattern pattern, String wrong) {
    Set<String> words = new LinkedHashSet<>();
    for (Node node : Section.items(list, name + "'s list", problems)) {
      Section.parsed(
              node,
              name,
              text -> ValueParsers.matching(pattern, text, wrong + ": correct it"),
              problems)
          .ifPresent(words::add);
    }
    return new ArrayList<>(words);
  }

  // The text of a file, without one line ending at the end, which editors add.
  ProviderConfig.ClientSecret clientSecret(String file) {
    String text;
    try {
      Path path = folder.resolve(ValueParsers.path(file));
      if (Files.size(path) > MAX_SECRET_BYTES) {
        throw new IllegalArgumentException(
            "is too long: name a file that holds the client secret alone");
      }
      String content = Files.readString(path);
      // Some editors write a byte order mark.
      text =
          LINE_END
              .matcher(content.startsWith("\ufeff") ? content.substring(1) : content)
              .replaceFirst("");
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "can't be read as text: name a file that holds the client secret alone", unreadable);
    }
    return new ProviderConfig.ClientSecret(
        ValueParsers.matching(
            SECRET,
            text,
            "holds no client secret: it is one line of visible characters, as the provider shows"));
  }

  /// An issuer or API: `https`, or `http` on this machine's loopback.
  static URI issuer(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no URL: write https://id.example.com");
    }
    if (text.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw new IllegalArgumentException(
          "holds other characters than visible ASCII: write them percent-encoded, or in Punycode");
    }
    RouteConfig.refuseUnderscore(uri);
    boolean https = "https".equals(uri.getScheme());
    boolean http = "http".equals(uri.getScheme());
    if (!(https || http) || uri.getHost() == null || text.length() > MAX_ISSUER) {
      throw new IllegalArgumentException(
          "is no address of an issuer: write https://id.example.com");
    }
    // OpenID Connect Core §2, iss: scheme, host, and perhaps port and path.
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "has a user name, a query or a fragment: an issuer is https, a host and perhaps a path");
    }
    if (http && !isLoopback(uri.getHost())) {
      throw new IllegalArgumentException(
          "is plain http, so anyone on the network could pose as the provider: write https://"
              + uri.getHost());
    }
    return uri;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost") // RFC 6761 §6.3
        || host.equals("[::1]")
        || host.startsWith("127.");
  }
}
