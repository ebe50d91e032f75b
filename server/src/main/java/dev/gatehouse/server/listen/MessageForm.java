package dev.gatehouse.server.listen;

import dev.gatehouse.HeaderFields;
import io.netty.util.NetUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Checks a parsed head: one host, one length, one framing, no field or method that can be read in
/// two ways.
///
/// Used once per request, in one pass over the fields; [#fault] is null when there is nothing to
/// object to, and [#authority] and [#target] are set then. Not thread-safe.
public final class MessageForm implements BiConsumer<String, String> {

  private static final int MAX_METHOD_LENGTH = 32;
  private static final int MAX_PORT = 65_535;

  // Beside the method and the target: two spaces and the version.
  private static final int REQUEST_LINE_REST = " ".length() + " HTTP/1.1".length();

  private final boolean http1;
  private final ListenLimits limits;

  private int fields;
  private long nameLengths; // a bit for each length of a name, modulo 64
  private @Nullable String host;
  private @Nullable String length;
  private @Nullable String transferEncoding;

  @Nullable String fault;
  String authority = "";
  String target = "";

  private MessageForm(boolean http1, ListenLimits limits) {
    this.http1 = http1;
    this.limits = limits;
  }

  static MessageForm of(HttpServerRequest request, ListenLimits limits) {
    MessageForm form = new MessageForm(Arrival.isHttp1(request), limits);
    form.check(request);
    return form;
  }

  /// The form of a request that has no field but its host. Does not block.
  ///
  /// @param authority the value of `Host`
  public static MessageForm of(
      String method, String authority, String target, ListenLimits limits) {
    MessageForm form = new MessageForm(true, limits);
    form.checkMethod(method);
    if (form.fault == null) {
      form.checkAuthority(authority);
    }
    if (form.fault == null) {
      form.checkTarget(method, target);
    }
    return form;
  }

  /// Why the request is refused with 400; empty: its form is good.
  public Optional<String> refusal() {
    return Optional.ofNullable(fault);
  }

  /// The host that a request of good form names, without its port.
  public String host() {
    return hostOf(authority);
  }

  /// The target of a request of good form, in origin form (RFC 9112 §3.2.1).
  public String target() {
    return target;
  }

  /// Whether the head announces a body. Always true for HTTP/2, where only the end of the stream
  /// shows that there is none.
  boolean mayHaveBody() {
    return !http1 || transferEncoding != null || (length != null && !isZero(length));
  }

  /// The fields that were checked. The authenticators ask for fields that most requests don't have.
  /// If no field has a name of that length, nothing is looked up.
  HeaderFields fields(MultiMap headers) {
    long lengths = nameLengths;
    return name -> (lengths & bit(name)) == 0 ? List.of() : headers.getAll(name);
  }

  private static long bit(String name) {
    return 1L << name.length();
  }

  private void check(HttpServerRequest request) {
    checkMethod(request.method().name());
    MultiMap headers = request.headers();
    headers.forEach((BiConsumer<String, String>) this);
    if (fault != null) {
      return;
    }
    if (transferEncoding != null && length != null) {
      fault = "The request has a length and a transfer coding"; // RFC 9112 §6.1
      return;
    }
    checkAuthority(request);
    if (fault == null) {
      checkTarget(request.method().name(), request.uri());
    }
  }

  // RFC 9110 §9.1: a method is a token. CONNECT and TRACE are not for servers behind a gateway.
  private void checkMethod(String method) {
    if (method.length() > MAX_METHOD_LENGTH || !isToken(method)) {
      fault = "The method is no token";
    } else if (method.equals("CONNECT") || method.equals("TRACE") || method.equals("TRACK")) {
      fault = "The method is not served here";
    }
  }

  @Override
  public void accept(String name, String value) {
    if (++fields > limits.maxFields()) {
      fault = "The request has more than " + limits.maxFields() + " fields";
      return;
    }
    nameLengths |= bit(name);
    if (!isToken(name)) {
      fault = "A field's name is no token"; // RFC 9110 §5.1
      return;
    }
    if (!isFieldValue(value)) {
      fault = "A field holds a control character"; // RFC 9110 §5.5
      return;
    }
    switch (name.length()) {
      case 2 -> {
        // RFC 9113 §8.2.2: TE only with trailers
        if (!http1 && name.equalsIgnoreCase("te") && !value.equalsIgnoreCase("trailers")) {
          fault = "A field is not allowed in HTTP/2";
        }
      }
      case 4 -> {
        if (name.equalsIgnoreCase("host")) {
          fault = host == null ? fault : "The request names its host twice"; // RFC 9112 §3.2
          host = value;
        }
      }
      case 6 -> {
        // RFC 9110 §10.1.1: no other expectation is defined.
        if (name.equalsIgnoreCase("expect") && !value.equalsIgnoreCase("100-continue")) {
          fault = "The expectation can't be met";
        }
      }
      case 14 -> {
        if (name.equalsIgnoreCase("content-length")) {
          checkLength(value);
        }
      }
      case 17 -> {
        if (name.equalsIgnoreCase("transfer-encoding")) {
          checkTransferEncoding(value);
        }
      }
      default -> {
        // any other is the upstream's affair
      }
    }
    if (!http1) {
      if (isConnectionSpecific(name)) {
        fault = "A field is not allowed in HTTP/2"; // RFC 9113 §8.2.2
      } else if (!value.isEmpty()
          && (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1)))) {
        fault = "A field begins or ends with white space"; // RFC 9113 §8.2.1
      }
    }
  }

  /// Whether a length that was checked says that there is no body. RFC 9110 §8.6 allows leading
  /// zeros.
  static boolean isZero(String length) {
    for (int i = 0; i < length.length(); i++) {
      if (length.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }

  // RFC 9112 §6.3: one length, digits only.
  private void checkLength(String value) {
    boolean digits = !value.isEmpty() && value.length() <= 18;
    for (int i = 0; digits && i < value.length(); i++) {
      digits = value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (!digits || length != null) {
      fault = "The length is no single number";
    }
    length = value;
  }

  // Other codings than chunked are legal (RFC 9112 §6.1), and read differently by different
  // servers.
  private void checkTransferEncoding(String value) {
    if (transferEncoding != null || !value.equalsIgnoreCase("chunked")) {
      fault = "The transfer coding is not chunked alone";
    }
    transferEncoding = value;
  }

  private void checkAuthority(HttpServerRequest request) {
    String named = host;
    if (!http1) {
      var pseudo = request.authority();
      if (pseudo != null) {
        String text = pseudo.toString();
        // RFC 9113 §8.3.1: both must name the same host.
        if (named != null && !sameAuthority(named, text, request.isSSL())) {
          fault = "The request names two hosts";
          return;
        }
        named = named == null ? text : named;
      }
    }
    checkAuthority(named);
  }

  private void checkAuthority(@Nullable String named) {
    if (named == null || !isAuthority(named)) {
      fault = "The request does not name its host"; // RFC 9112 §3.2
      return;
    }
    authority = named;
  }

  // RFC 9112 §3.2: origin form, or absolute form for the host that the request names.
  private void checkTarget(String method, @Nullable String uri) {
    target = uri == null ? "" : uri;
    // Over HTTP/1 the line was measured as it was read.
    if (method.length() + target.length() + REQUEST_LINE_REST > limits.maxInitialLineBytes()) {
      fault = "The request target is too long";
      return;
    }
    if (!target.startsWith("/")) {
      int authorityAt =
          target.regionMatches(true, 0, "https://", 0, 8)
              ? 8
              : target.regionMatches(true, 0, "http://", 0, 7) ? 7 : -1;
      if (authorityAt < 0) {
        fault = "The request target is not in origin form";
        return;
      }
      int end = authorityAt;
      while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
        end++;
      }
      if (!sameAuthority(target.substring(authorityAt, end), authority, authorityAt == 8)) {
        fault = "The request names two hosts";
        return;
      }
      String rest = target.substring(end);
      target = rest.startsWith("/") ? rest : "/" + rest;
    }
  }

  static boolean sameAuthority(String one, String other, boolean https) {
    return withoutDefaultPort(one, https).equalsIgnoreCase(withoutDefaultPort(other, https));
  }

  private static String withoutDefaultPort(String authority, boolean https) {
    String port = https ? ":443" : ":80";
    return authority.endsWith(port)
        ? authority.substring(0, authority.length() - port.length())
        : authority;
  }

  private static String hostOf(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon < 0 || authority.endsWith("]") ? authority : authority.substring(0, colon);
  }

  // RFC 3986 §3.2.2: an IPv6 address in brackets, or a name for the DNS, in which no label is empty
  // and a final dot may stand. Without user information and percent-encodings. Underscores are in
  // use.
  static boolean isAuthority(String text) {
    int hostEnd;
    if (text.startsWith("[")) {
      hostEnd = text.indexOf(']') + 1;
      if (hostEnd < 3) {
        return false;
      }
      for (int i = 1; i < hostEnd - 1; i++) {
        char c = text.charAt(i);
        if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
          return false;
        }
      }
      if (!NetUtil.isValidIpV6Address(text.substring(1, hostEnd - 1))) {
        return false;
      }
    } else {
      int colon = text.indexOf(':');
      hostEnd = colon < 0 ? text.length() : colon;
      for (int i = 0; i < hostEnd; i++) {
        char c = text.charAt(i);
        boolean emptyLabel = c == '.' && (i == 0 || text.charAt(i - 1) == '.');
        if (emptyLabel || (!isAlphanumeric(c) && c != '-' && c != '.' && c != '_')) {
          return false;
        }
      }
    }
    if (hostEnd == 0 || text.length() > 262) {
      return false;
    }
    if (hostEnd == text.length()) {
      return true;
    }
    return text.charAt(hostEnd) == ':' && isPort(text, hostEnd + 1);
  }

  // RFC 3986 §3.2.3: digits; and TCP has no port above 65535 (RFC 9293 §3.1).
  private static boolean isPort(String text, int from) {
    int port = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || i - from >= 5) {
        return false;
      }
      port = port * 10 + (c - '0');
    }
    return from < text.length() && port <= MAX_PORT;
  }

  private static final List<String> CONNECTION_SPECIFIC =
      List.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private static boolean isConnectionSpecific(String name) {
    for (String specific : CONNECTION_SPECIFIC) {
      if (specific.equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isFieldValue(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 0x20 && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  // RFC 9110 §5.6.2.
  static boolean isToken(String text) {
    if (text.isEmpty()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isAlphanumeric(c) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
