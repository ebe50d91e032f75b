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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides which header fields pass the gate, and adds the fields that the gate sets.
///
/// These do not reach the upstream: credentials of the gate, fields that only the gate may set,
/// identity fields of other gateways unless the route keeps them ([ClientFields]), fields that
/// belong to one connection, and trailers. A field whose name or value holds a secret of the gate
/// ([OwnSecrets]) is removed, whatever its name is. Of a `Cookie` field, only the pair with the
/// secret is removed. An access token of the gate is recognised only in an `Authorization` field,
/// with any scheme. Bodies are not read.
///
/// These do not reach the client: fields that belong to one connection, and fields by which the
/// upstream could speak as the gate. Thread-safe; does not block.
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

  // As they go out, ready to be written.
  private static final CharSequence SUBJECT_FIELD =
      HttpHeaders.createOptimized(ControlledFields.SUBJECT);
  private static final CharSequence METHOD_FIELD =
      HttpHeaders.createOptimized(ControlledFields.METHOD);
  private static final CharSequence SCOPES_FIELD =
      HttpHeaders.createOptimized(ControlledFields.SCOPES);
  private static final CharSequence CREDENTIAL_FIELD =
      HttpHeaders.createOptimized(ControlledFields.CREDENTIAL);
  private static final CharSequence IDENTITY_FIELD =
      HttpHeaders.createOptimized(IdentityTokens.FIELD);

  private static final CharSequence FORWARDED_FIELD = HttpHeaders.createOptimized("Forwarded");
  private static final CharSequence FORWARDED_FOR_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-For");

  private static final CharSequence FORWARDED_HOST_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-Host");

  private static final CharSequence FORWARDED_PROTO_FIELD =
      HttpHeaders.createOptimized("X-Forwarded-Proto");

  private static final int MAX_CONNECTION_OPTIONS = 16;

  private final OwnCredentials own;
  private final FieldNames<Meaning> toUpstream;
  private final FieldNames<Meaning> toClient;
  private final Map<Webhook.Vendor, FieldNames<Meaning>> signatures =
      new EnumMap<>(Webhook.Vendor.class);

  /// @param gate whose methods say which fields and schemes are theirs
  FieldPolicy(GatewaySettings settings, Gate gate) {
    this.own = new OwnCredentials(settings, List.copyOf(gate.credentialSchemes()));
    this.toUpstream =
        new FieldNames<Meaning>()
            .add(Meaning.AUTHORIZATION, List.of("Authorization"))
            .add(Meaning.COOKIE, List.of("Cookie"))
            .add(Meaning.LENGTH, List.of("Content-Length"))
            .add(Meaning.NEVER, ControlledFields.HOP_BY_HOP)
            .add(Meaning.NEVER, ControlledFields.ORIGIN_OF_REQUEST)
            .add(Meaning.NEVER, ControlledFields.IDENTITY)
            .add(Meaning.IDENTITY, ClientFields.IDENTITY_OF_OTHER_GATEWAYS)
            .add(Meaning.PLAIN, ClientFields.PASSED_BY_DEFAULT)
            .add(Meaning.NEVER, ControlledFields.REQUEST_OVERRIDES)
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
            .add(Meaning.NEVER, ControlledFields.HOP_BY_HOP)
            // It would lead clients past the gate (RFC 7838 §2).
            .add(Meaning.NEVER, List.of("Alt-Svc", "Gatehouse-*"));
  }

  /// Adds to `sent`, which has no fields yet, the fields that go to the upstream.
  ///
  /// @param principal null: the caller is not known
  /// @param identity the identity token of the principal; null: there is none
  /// @param webhook whose signature fields are removed, since the route verifies them; null:
  ///   signature fields pass
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
          && (rule == ClientFields.Rule.REMOVE || ConnectionOptions.contains(connection, name))) {
        continue;
      }
      if (meaning == Meaning.PLAIN
          || (meaning == Meaning.IDENTITY && rule == ClientFields.Rule.KEEP)) {
        meaning = null;
      }
      switch (meaning) {
        case null -> {
          if ((withheld == null || withheld.find(name) == null)
              && !own.isSecretIn(value)
              && !own.isSecretIn(name)) {
            sent.add(name, bytes(value));
          }
        }
        case AUTHORIZATION -> {
          if (upstream.passAuthorization()
              && name.equalsIgnoreCase("Authorization")
              && !own.hasOwnScheme(value)
              && !own.isInAuthorization(value)) {
            sent.add(name, bytes(value));
          }
        }
        case COOKIE -> {
          String left = name.equalsIgnoreCase("Cookie") ? own.withoutOwnCookies(value) : "";
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
      if (meaning != Meaning.LENGTH && ConnectionOptions.contains(connection, name)) {
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
          if (name.equalsIgnoreCase("Set-Cookie") && !own.isSetBy(value)) {
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

  /// Whether the `Connection` fields list more than [#MAX_CONNECTION_OPTIONS] options.
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
    // RFC 7239 §6: an IPv6 address is written in brackets and quotes.
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
}
