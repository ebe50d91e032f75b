package dev.gatehouse.server.cli;

import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gatehouse sign`: a request, signed in the gate's own way, as a line for the shell.
@Command(
    name = "sign",
    description = {
      "Signs a request with the secret of an HMAC key, and prints it as a line of curl.",
      "The secret is read from --secret-file, or from standard input."
    },
    mixinStandardHelpOptions = true)
final class SignCommand implements Runnable {

  private static final Pattern METHOD = Pattern.compile("[A-Za-z]{1,32}");
  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
  private static final int NONCE_CHARS = 22;

  @Option(
      names = "--key-id",
      required = true,
      paramLabel = "ID",
      description = "the key's id, as h_…")
  private String keyId = "";

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      defaultValue = "-",
      description = "holds its secret; -: the first line of standard input (the default)")
  private String secretFile = "-";

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "the HTTP method; none: GET, or POST with a body")
  private @Nullable String method;

  @Option(
      names = {"-d", "--body"},
      paramLabel = "TEXT",
      description = "the body; @FILE: the bytes of a file")
  private @Nullable String body;

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "whom curl is to trust, as the demo's ca.crt")
  private @Nullable Path caFile;

  @Option(names = "--show", description = "print the text that is signed, too")
  private boolean show;

  @Parameters(paramLabel = "URL", description = "where the request goes, query included")
  private String url = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    byte[] sent = body == null ? new byte[0] : bytes(body);
    String verb = method == null ? (body == null ? "GET" : "POST") : checked(method);
    String target = target(url);
    String timestamp = Long.toString(Instant.now().getEpochSecond());
    String nonce = RandomIds.text(NONCE_CHARS);
    String bodyHash = sent.length == 0 ? "" : HexFormat.of().formatHex(Digest.sha256(sent).bytes());
    String text = GatehouseProfile.stringToSign(verb, target, timestamp, bodyHash, nonce);
    String signature =
        HexFormat.of()
            .formatHex(
                SignatureAlgorithm.hmacSha256(
                    SignatureKeyCommands.secret(secretFile).getBytes(StandardCharsets.UTF_8),
                    text.getBytes(StandardCharsets.UTF_8)));
    PrintWriter out = spec.commandLine().getOut();
    if (show) {
      out.println("# what is signed:");
      text.lines().forEach(line -> out.println("# " + line));
    }
    out.println(
        "curl -i --path-as-is --globoff"
            + (caFile == null ? "" : " --cacert " + DemoCommand.quoted(caFile.toString()))
            + (verb.equals("GET") && body == null ? "" : " -X " + verb)
            + field("X-Key-Id", keyId)
            + field("X-Timestamp", timestamp)
            + field("X-Nonce", nonce)
            + field("X-Signature", signature)
            + (body == null ? "" : " --data-binary " + DemoCommand.quoted(body))
            + " "
            + DemoCommand.quoted(url));
    out.flush();
  }

  private static String field(String name, String value) {
    return " -H " + DemoCommand.quoted(name + ": " + value);
  }

  private static byte[] bytes(String body) {
    if (!body.startsWith("@")) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    Path file = Path.of(body.substring(1));
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new CommandException(file + " can't be read: name the file of the body", unreadable);
    }
  }

  private static String checked(String method) {
    if (!METHOD.matcher(method).matches()) {
      throw new CommandException("'" + method + "' is no HTTP method");
    }
    return method.toUpperCase(Locale.ROOT);
  }

  // RFC 9112 §3.2.1: as it goes over the wire, path and query, and never the fragment.
  private static String target(String url) {
    URI parsed;
    try {
      parsed = new URI(url);
    } catch (URISyntaxException malformed) {
      throw new CommandException(
          "the URL can't be read: write it as https://host/path, spaces and quotes in percent",
          malformed);
    }
    if (!VISIBLE.matcher(url).matches()
        || parsed.getRawAuthority() == null
        || parsed.getRawUserInfo() != null
        || parsed.getRawFragment() != null
        || !("https".equals(parsed.getScheme()) || "http".equals(parsed.getScheme()))) {
      throw new CommandException(
          "the URL must be https://host/path, without a user or a fragment, in ASCII");
    }
    String path = parsed.getRawPath().isEmpty() ? "/" : parsed.getRawPath();
    return parsed.getRawQuery() == null ? path : path + "?" + parsed.getRawQuery();
  }
}
