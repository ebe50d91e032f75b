package dev.gatehouse.server.gateway;

import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.Gate;
import dev.gatehouse.Principal;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.Hsts;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which header fields pass the gate, and which the gate sets.
///
/// To the upstream goes no credential of the gate, no field that only the gate may set, no identity
/// field of another gateway unless the route keeps it ([ClientFields]), and nothing that belongs to
/// one connection; trailers don't go at all. A field whose name or value holds a secret of the gate
/// ([OwnSecrets]) does not go either, whatever its name is; of a `Cookie` field, only the pair that
/// holds it is left out. An access token of the gate is recognised in an `Authorization` field
/// alone, with any scheme. Bodies are not read. Back to the client goes nothing that belongs to one
/// connection, and nothing by which the upstream could speak as the gate.
final class FieldPolicy {

  private enum Meaning {
    /// Never passes.
    NEVER,
    /// Passes where the route keeps it.
    IDENTITY,
    /// Passes unless the route removes it, though its name begins as one of those.
    PLAIN,
    /// Passes if its scheme is none of the gate's.
    AUTHORIZATION,
    /// Passes without the gate's cookies.
    COOKIE,
    /// Frames the message: passes only in its one right spelling.
    LENGTH
  }

  static final String SUBJECT = "X-Auth-Subject";
  static final String METHOD = "X-Auth-Method";
  static final String SCOPES = "X-Auth-Scopes";
  static final String CREDENTIAL = "X-Auth-Credential";
  static final String PROVIDER_TOKEN = "X-Auth-Provider-Token";

  // As they go out, ready to be written.
  private static final CharSequence SUBJECT_FIELD = HttpHeaders.createOptimized(SUBJECT);
  private static final CharSequence METHOD_FIELD = HttpHeaders.createOptimized(METHOD);
  private static final CharSequence SCOPES_FIELD = HttpHeaders.createOptimized(SCOPES);
  private static final CharSequence CREDENTIAL_FIELD = HttpHeaders.createOptimized(CREDENTIAL);
  private static final CharSequence IDENTITY_FIELD =
      HttpHeaders.createOptimized(IdentityTokens.FIELD);
  private static final CharSequence FORWARDED_FIELD = HttpHeaders.createOptimized("Forwarded");
  private static final CharSequence FORWARDED_FOR_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-For");
  private static final CharSequence FORWARDED_HOST_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-Host");
  private static final CharSequence FORWARDED_PROTO_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-Proto");

  /// By which the gate alone tells the upstream who is calling.
  static final List<String> OF_THE_GATE =
      List.of(SUBJECT, METHOD, SCOPES, CREDENTIAL, PROVIDER_TOKEN, "Gatehouse-*", "X-Gatehouse-*");

  // RFC 9110 §7.6.1, and those of RFC 2068 that are still seen.
  private static final List<String> HOP_BY_HOP =
      List.of(
          "Connection",
          "Keep-Alive",
          "Proxy", // CGI makes HTTP_PROXY of it
          "Proxy-*",
          "TE",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "HTTP2-Settings");

  /// By which the gate, or a proxy before it, tells the upstream where a request came from and with
  /// which certificate.
  static final List<String> SAID_BY_THE_GATE =
      List.of(
          "Host",
          "Forwarded",
          "X-Forwarded",
          "X-Forwarded-*",
          "X-Original-Forwarded-For",
          "X-Real-IP",
          "X-Client-IP",
          "X-Cluster-Client-IP",
          "X-Remote-Addr",
          "X-Remote-IP",
          "X-Envoy-External-Address",
          "X-Azure-ClientIP",
          "X-Azure-SocketIP",
          "True-Client-IP",
          "CF-Connecting-IP",
          "CF-Connecting-IPv6",
          "CF-Pseudo-IPv4",
          "Fastly-Client-IP",
          "Fly-Client-IP",
          "WL-Proxy-*",
          "Client-Cert*",
          "X-Client-Cert*",
          "X-SSL-Client-*",
          "SSL-Client-*");

  /// They make another request of it than the one that the gate judged.
  static final List<String> OVERRIDES =
      List.of(
          "X-HTTP-Method-Override",
          "X-HTTP-Method",
          "X-Method-Override",
          "X-Original-URL",
          "X-Original-URI",
          "X-Original-Method",
          "X-Original-Host",
          "X-Rewrite-URL",
          "X-Envoy-Original-*");

  private static final String BASIC = "Basic";
  private static final int MAX_CONNECTION_OPTIONS = 16;

  private final GatewaySettings settings;
  private final List<String> schemes;
  private final FieldNames<Meaning> toUpstream;
  private final FieldNames<Meaning> toClient;
  private final Map<Webhook.Vendor, FieldNames<Meaning>> signatures =
      new EnumMap<>(Webhook.Vendor.class);

  /// @param gate whose methods say which fields and schemes are theirs
  FieldPolicy(GatewaySettings settings, Gate gate) {
    this.settings = settings;
    this.schemes = List.copyOf(gate.credentialSchemes());
    this.toUpstream =
        new FieldNames<Meaning>()
            .add(Meaning.AUTHORIZATION, List.of("Authorization"))
            .add(Meaning.COOKIE, List.of("Cookie"))
            .add(Meaning.LENGTH, List.of("Content-Length"))
            .add(Meaning.NEVER, HOP_BY_HOP)
            .add(Meaning.NEVER, SAID_BY_THE_GATE)
            .add(Meaning.NEVER, OF_THE_GATE)
            .add(Meaning.IDENTITY, ClientFields.OF_OTHER_GATEWAYS)
            .add(Meaning.PLAIN, ClientFields.OF_THE_UPSTREAM)
            .add(Meaning.NEVER, OVERRIDES)
            .add(Meaning.NEVER, List.of("Expect"))
            .add(Meaning.NEVER, List.copyOf(gate.credentialFields()));
    for (Webhook.Vendor vendor : Webhook.Vendor.values()) {
      signatures.put(
          vendor,
          new FieldNames<Meaning>().add(Meaning.NEVER, WebhookProfile.signatureFields(vendor)));
    }
    this.toClient =
        new FieldNames<Meaning>()
            .add(Meaning.COOKIE, List.of("Set-Cookie"))
            .add(Meaning.LENGTH, List.of("Content-Length"))
            .add(Meaning.NEVER, HOP_BY_HOP)
            // It would lead clients past the gate (RFC 7838 §2).
            .add(Meaning.NEVER, List.of("Alt-Svc", "Gatehouse-*"));
  }

  /// Adds the fields for the upstream to those of a request that has none.
  ///
  /// @param principal null: nobody in particular
  /// @param identity what proves the principal to the upstream; null: nothing does
  /// @param webhook whose signatures the route demands: on other routes they are the upstream's own
  void toUpstream(
      Arrival arrival,
      @Nullable Principal principal,
      @Nullable String identity,
      Destination destination,
      @Nullable Webhook webhook,
      MultiMap sent) {
    Upstream upstream = destination.upstream();
    FieldNames<ClientFields.Rule> rules = destination.clientFields();
    FieldNames<Meaning> withheld = webhook == null ? null : signatures.get(webhook.vendor());
    sent.add(
        HttpHeaders.HOST, upstream.passHost() ? arrival.auth().authority() : upstream.authority());
    MultiMap came = arrival.http().headers();
    List<String> connection = came.getAll(HttpHeaders.CONNECTION);
    StringBuilder cookies = null;
    for (Map.Entry<String, String> field : came) {
      String name = field.getKey();
      String value = field.getValue();
      Meaning meaning = toUpstream.find(name);
      ClientFields.Rule rule = rules.find(name);
      if (meaning != Meaning.LENGTH
          && (rule == ClientFields.Rule.REMOVE || ConnectionOptions.contain(connection, name))) {
        continue;
      }
      if (meaning == Meaning.PLAIN
          || (meaning == Meaning.IDENTITY && rule == ClientFields.Rule.KEEP)) {
        meaning = null;
      }
      switch (meaning) {
        case null -> {
          if ((withheld == null || withheld.find(name) == null)
              && !settings.ownSecrets().isIn(value)
              && !settings.ownSecrets().isIn(name)) {
            sent.add(name, bytes(value));
          }
        }
        case AUTHORIZATION -> {
          if (upstream.passAuthorization()
              && name.equalsIgnoreCase("Authorization")
              && !isOurs(value)
              && !holdsOwnSecret(value)) {
            sent.add(name, bytes(value));
          }
        }
        case COOKIE -> {
          String left = name.equalsIgnoreCase("Cookie") ? withoutCookie(value) : "";
          if (!left.isEmpty()) {
            if (cookies == null) {
              cookies = new StringBuilder(left.length());
            } else {
              cookies.append("; "); // RFC 9113 §8.2.3: crumbs become one line again
            }
            cookies.append(left);
          }
        }
        case LENGTH -> {
          if (name.equalsIgnoreCase("Content-Length")) {
            sent.set(HttpHeaders.CONTENT_LENGTH, withoutLeadingZeros(value));
          }
        }
        case IDENTITY, PLAIN, NEVER -> {
          // not passed on
        }
      }
    }
    if (cookies != null) {
      sent.add(HttpHeaders.COOKIE, bytes(cookies.toString()));
    }
    addWhatTheGateSaw(sent, arrival);
    if (principal != null) {
      sent.add(SUBJECT_FIELD, principal.subject());
      sent.add(METHOD_FIELD, principal.method().id());
      sent.add(SCOPES_FIELD, bytes(principal.scopes().toString()));
      sent.add(CREDENTIAL_FIELD, principal.credential());
    }
    if (identity != null) {
      sent.add(IDENTITY_FIELD, bytes(identity));
    }
  }

  /// Makes one line of each field that has several, as RFC 9110 §5.3 allows.
  ///
  /// A signature covers the value of a field that its lines have together. So another proxy could
  /// split a signed line at a comma, and an upstream that reads the first line only would see a
  /// part of what was signed.
  static void joinLines(MultiMap sent) {
    for (String name : sent.names()) {
      List<String> lines = sent.getAll(name);
      if (lines.size() > 1) {
        sent.set(name, bytes(String.join(", ", lines)));
      }
    }
  }

  /// Adds what passes of the upstream's fields to the answer's.
  void toClient(MultiMap came, MultiMap answer, boolean authenticated, boolean ownCors) {
    List<String> connection = came.getAll(HttpHeaders.CONNECTION);
    answer.remove(Hsts.FIELD); // that of the gate's own responses
    boolean cacheControl = false;
    for (Map.Entry<String, String> field : came) {
      String name = field.getKey();
      String value = field.getValue();
      Meaning meaning = toClient.find(name);
      if (meaning != Meaning.LENGTH && ConnectionOptions.contain(connection, name)) {
        continue;
      }
      switch (meaning) {
        case null -> {
          boolean replaced =
              ownCors
                  && name.regionMatches(true, 0, "Access-Control-", 0, "Access-Control-".length());
          if (!replaced) {
            cacheControl |= name.equalsIgnoreCase("Cache-Control");
            answer.add(name, bytes(value));
          }
        }
        case COOKIE -> {
          if (name.equalsIgnoreCase("Set-Cookie") && !setsOurCookie(value)) {
            answer.add(name, bytes(value));
          }
        }
        case LENGTH -> {
          if (name.equalsIgnoreCase("Content-Length")) {
            answer.set(HttpHeaders.CONTENT_LENGTH, withoutLeadingZeros(value));
          }
        }
        case AUTHORIZATION, IDENTITY, PLAIN, NEVER -> {
          // not passed on
        }
      }
    }
    if (authenticated && !cacheControl) {
      answer.set(HttpHeaders.CACHE_CONTROL, "private"); // RFC 9111 §5.2.2.7
    }
  }

  // RFC 9110 §8.6 allows zeros before a length. Some readers take them for an octal number.
  private static String withoutLeadingZeros(String length) {
    int from = 0;
    while (from < length.length() - 1 && length.charAt(from) == '0') {
      from++;
    }
    return length.substring(from);
  }

  // A value as it goes out. Bytes are copied as a whole, where a String is written and checked
  // character by character, and some values are long.
  private static CharSequence bytes(String value) {
    return new AsciiString(value.getBytes(StandardCharsets.ISO_8859_1), false);
  }

  /// Whether the `Connection` fields list more options than anybody needs.
  static boolean namesTooMuch(MultiMap came) {
    int options = 0;
    for (String line : came.getAll(HttpHeaders.CONNECTION)) {
      options++;
      for (int i = 0; i < line.length(); i++) {
        if (line.charAt(i) == ',') {
          options++;
        }
      }
    }
    return options > MAX_CONNECTION_OPTIONS;
  }

  private static void addWhatTheGateSaw(MultiMap sent, Arrival arrival) {
    InetAddress peer = arrival.auth().peer();
    String address = peer.getHostAddress();
    if (peer instanceof Inet6Address) {
      int zone = address.indexOf('%');
      address = zone < 0 ? address : address.substring(0, zone);
    }
    // RFC 7239 §6: an IPv6 address stands in brackets and quotes.
    String node = peer instanceof Inet6Address ? "\"[" + address + "]\"" : address;
    sent.add(
        FORWARDED_FIELD,
        "for="
            + node
            + ";host=\""
            + arrival.auth().authority()
            + "\";proto="
            + arrival.auth().scheme());
    sent.add(FORWARDED_FOR_FIELD, address);
    sent.add(FORWARDED_HOST_FIELD, arrival.auth().authority());
    sent.add(FORWARDED_PROTO_FIELD, arrival.auth().scheme());
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  // RFC 9110 §11.1: schemes are compared without regard to case.
  private boolean isOurs(String authorization) {
    int end = 0;
    while (end < authorization.length() && !isBlank(authorization.charAt(end))) {
      end++;
    }
    for (String scheme : schemes) {
      if (scheme.length() == end && authorization.regionMatches(true, 0, scheme, 0, end)) {
        return true;
      }
    }
    return false;
  }

  // RFC 7617 §2: in Basic, the pair of name and password is Base64. What can't be read as that may
  // hold a secret for a reader that is less strict.
  private boolean holdsOwnSecret(String authorization) {
    int end = BASIC.length();
    if (authorization.length() > end
        && isBlank(authorization.charAt(end))
        && authorization.regionMatches(true, 0, BASIC, 0, end)) {
      try {
        byte[] pair = Base64.getDecoder().decode(authorization.substring(end).strip());
        return isOwnSecretIn(new String(pair, StandardCharsets.ISO_8859_1));
      } catch (IllegalArgumentException notBase64) {
        return true;
      }
    }
    return isOwnSecretIn(authorization);
  }

  private boolean isOwnSecretIn(String credentials) {
    return settings.ownSecrets().isIn(credentials)
        || (settings.ownTokens() != null && settings.ownTokens().isIn(credentials));
  }

  // RFC 6265 §4.2.1: pairs behind semicolons.
  private String withoutCookie(String cookies) {
    if (!cookies.contains(settings.cookie()) && !settings.ownSecrets().isIn(cookies)) {
      return cookies;
    }
    StringBuilder left = new StringBuilder(cookies.length());
    for (String pair : cookies.split(";", -1)) {
      String stripped = pair.strip();
      if (!stripped.isEmpty()
          && !isOurs(nameOf(stripped), settings.cookie())
          && !settings.ownSecrets().isIn(stripped)) {
        left.append(left.isEmpty() ? "" : "; ").append(stripped);
      }
    }
    return left.toString();
  }

  // RFC 6265 §5.2: the name ends at the first equals sign and is stripped.
  private boolean setsOurCookie(String setCookie) {
    int end = setCookie.indexOf(';');
    // Case too, since some browsers compare the __Host- prefix without it (RFC 6265bis §5.7).
    return isOurs(
        nameOf(named(end < 0 ? setCookie : setCookie.substring(0, end))).toLowerCase(Locale.ROOT),
        settings.cookie().toLowerCase(Locale.ROOT));
  }

  // A cookie without a name: browsers send its value alone, which may read as another cookie.
  private static String named(String pair) {
    int from = 0;
    while (from < pair.length() && (pair.charAt(from) == '=' || isBlank(pair.charAt(from)))) {
      from++;
    }
    return pair.substring(from);
  }

  // The session's, and those of its kin: attempts to sign in with a provider.
  private static boolean isOurs(String name, String cookie) {
    return name.startsWith(cookie)
        && (name.length() == cookie.length() || name.charAt(cookie.length()) == '-');
  }

  private static String nameOf(String pair) {
    int equals = pair.indexOf('=');
    return (equals < 0 ? pair : pair.substring(0, equals)).strip();
  }
}
