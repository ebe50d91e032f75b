package dev.gatehouse.server.cli;

import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.server.folder.WholeFile;
import dev.gatehouse.server.tls.SigningRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse cert …`.
@Command(
    name = "cert",
    description =
        "Issues, registers, lists, shows, renews and revokes client certificates (mutual TLS).",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class CertificateCommands extends CommandGroup {

  private static final String CALLS = "/certificates";
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

  /// The key that a certificate is for: the caller's, by a request; or a new one.
  static final class KeySource {

    @Option(
        names = "--csr",
        paramLabel = "FILE",
        description =
            "a request in PEM, as of openssl req -new; -: standard input; none: a new key is made")
    private @Nullable String csr;

    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "where the certificate and a new key are written (default: here)")
    private @Nullable Path out;

    private @Nullable KeyPair made;

    String request() {
      if (csr == null) {
        made = SigningRequest.newKeyPair();
        return SigningRequest.of(made);
      }
      return csr.equals("-") ? standardInput() : SignatureKeyCommands.text(Path.of(csr));
    }

    // A key that nobody can keep is not asked a certificate for.
    void check(String name) {
      if (csr == null || out != null) {
        for (Path file : List.of(certificateFile(name), keyFile(name))) {
          if (Files.exists(file)) {
            throw new CommandException(file + " is there already: name another folder with --out");
          }
        }
        Path folder = folder();
        try {
          Files.createDirectories(folder);
        } catch (IOException failed) {
          throw new CommandException(folder + " can't be made", failed);
        }
      }
    }

    // A certificate that goes to standard output goes there alone.
    void keep(RunningGate gate, String name, JsonObject certificate) {
      String pem = certificate.getString("certificate");
      if (made != null) {
        WholeFile.writePrivate(keyFile(name), SigningRequest.privateKeyPem(made));
      }
      boolean kept = made != null || out != null;
      if (kept) {
        WholeFile.writePublic(certificateFile(name), pem);
      }
      if (kept || gate.wantsJson()) {
        print(gate, certificate);
      } else {
        gate.out().print(pem);
      }
      if (kept && !gate.wantsJson()) {
        gate.out().println();
        gate.out().println("certificate: " + certificateFile(name));
        if (made != null) {
          gate.out().println("key:         " + keyFile(name) + " (a secret)");
        }
      }
      gate.out().flush();
    }

    private Path folder() {
      return out == null ? Path.of("") : out;
    }

    private Path certificateFile(String name) {
      return folder().resolve(fileName(name) + ".crt");
    }

    private Path keyFile(String name) {
      return folder().resolve(fileName(name) + ".key");
    }

    private static String fileName(String name) {
      return FILE_NAME.matcher(name).matches() ? name : "client";
    }

    private static String standardInput() {
      try {
        return new String(
            System.in.readNBytes(SigningRequest.MAX_CHARS + 1), StandardCharsets.ISO_8859_1);
      } catch (IOException failed) {
        throw new CommandException("the request can't be read from standard input", failed);
      }
    }
  }

  @Command(
      name = "issue",
      description = "Issues a certificate of the gate's own CA.",
      mixinStandardHelpOptions = true)
  void issue(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "what it is for") String name,
      @Mixin TermsOptions terms,
      @Option(names = "--expires", paramLabel = "WHEN", description = TermsOptions.WHEN + "in 90d")
          @Nullable String expires,
      @Mixin KeySource source) {
    source.check(name);
    JsonObject issued = gate.post(CALLS, terms.of(name, expires).put("csr", source.request()));
    source.keep(gate, name, issued);
  }

  @Command(
      name = "renew",
      description = "Issues a successor of a certificate. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void renew(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Option(
              names = "--overlap",
              paramLabel = "TIME",
              defaultValue = "1d",
              description = "how long both work: 0s, 12h, 1d … (default: ${DEFAULT-VALUE})")
          String overlap,
      @Option(names = "--expires", paramLabel = "WHEN", description = "when the successor ends")
          @Nullable String expires,
      @Mixin KeySource source) {
    String name = gate.get(CALLS + "/" + RunningGate.segment(id)).getString("name") + "-renewed";
    source.check(name);
    JsonObject body =
        new JsonObject()
            .put("csr", source.request())
            .put("overlapSeconds", KeyCommands.span(overlap).toSeconds());
    if (expires != null) {
      body.put("expiresAt", KeyCommands.instant(expires).toString());
    }
    JsonObject issued = gate.post(CALLS + "/" + RunningGate.segment(id) + "/renew", body);
    source.keep(gate, name, issued);
  }

  @Command(
      name = "register",
      description = "Registers certificates of another client CA, by a name or a fingerprint.",
      mixinStandardHelpOptions = true)
  void register(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "what it is for") String name,
      @Mixin TermsOptions terms,
      @Option(names = "--expires", paramLabel = "WHEN", description = TermsOptions.WHEN + "never")
          @Nullable String expires,
      @Option(
              names = "--ca",
              paramLabel = "ID",
              description = "the client CA; gatehouse cert cas lists them; none: the only one")
          @Nullable String ca,
      @Option(names = "--spiffe", paramLabel = "ID", description = "spiffe://…")
          @Nullable String spiffe,
      @Option(names = "--dns", paramLabel = "NAME", description = "a DNS name")
          @Nullable String dns,
      @Option(names = "--email", paramLabel = "ADDRESS", description = "an e-mail address")
          @Nullable String email,
      @Option(
              names = "--fingerprint",
              paramLabel = "HEX",
              description = "one certificate, by its SHA-256")
          @Nullable String fingerprint) {
    List<String> identities = new ArrayList<>();
    add(identities, CertificateName.Kind.SPIFFE, spiffe);
    add(identities, CertificateName.Kind.DNS, dns);
    add(identities, CertificateName.Kind.EMAIL, email);
    add(identities, CertificateName.Kind.FINGERPRINT, fingerprint);
    if (identities.size() != 1) {
      throw new CommandException("name one of --spiffe, --dns, --email and --fingerprint");
    }
    print(
        gate,
        gate.post(
            "/certificate-registrations",
            terms
                .of(name, expires)
                .put("ca", ca == null ? onlyCa(gate) : ca)
                .put("identity", identities.getFirst())));
  }

  private static void add(
      List<String> identities, CertificateName.Kind kind, @Nullable String text) {
    if (text != null) {
      identities.add(kind.id() + ":" + text);
    }
  }

  private static String onlyCa(RunningGate gate) {
    List<JsonObject> foreign = cas(gate).stream().filter(one -> !one.getBoolean("own")).toList();
    if (foreign.size() != 1) {
      throw new CommandException(
          foreign.isEmpty()
              ? "there is no other client CA: name its file in clientCas (methods, mtls)"
              : "there are several client CAs: choose one with --ca; gatehouse cert cas lists them");
    }
    return foreign.getFirst().getString("id");
  }

  private static List<JsonObject> cas(RunningGate gate) {
    return gate.get("/client-cas").getJsonArray("items").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  @Command(
      name = "list",
      description = "Lists client certificates.",
      mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "ACCOUNT", description = "only those of one account")
          @Nullable String owner) {
    List<JsonObject> all =
        gate.items(CALLS, owner == null ? "" : "&owner=" + RunningGate.segment(owner));
    if (gate.wantsJson()) {
      gate.printJson(all);
      return;
    }
    AccountNames names = AccountNames.of(gate);
    Table table =
        new Table("ID", "NAME", "OWNER", "IDENTITY", "STATE", "SCOPES", "EXPIRES", "LAST USED");
    for (JsonObject one : all) {
      String identity = one.getString("identity");
      table.add(
          one.getString("id"),
          one.getString("name"),
          names.of(one.getString("owner")),
          one.getString("serial") == null ? identity : "issued here",
          KeyCommands.state(one),
          AccountCommands.words(one.getJsonArray("scopes")),
          KeyCommands.time(one.getString("expiresAt")),
          KeyCommands.time(one.getString("lastUsedAt")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "show",
      description = "Shows a client certificate.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject one = gate.get(CALLS + "/" + RunningGate.segment(id));
    print(gate, one);
    if (!gate.wantsJson() && one.getString("certificate") != null) {
      gate.out().println();
      gate.out().print(one.getString("certificate"));
      gate.out().flush();
    }
  }

  @Command(
      name = "revoke",
      description = "Refuses a client certificate for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    print(gate, gate.post(CALLS + "/" + RunningGate.segment(id) + "/revoke", new JsonObject()));
  }

  @Command(
      name = "cas",
      description = "Lists the CAs whose certificates count as clients'.",
      mixinStandardHelpOptions = true)
  void cas(
      @Mixin RunningGate gate,
      @Option(names = "--reload", description = "read their files and lists again first")
          boolean reload) {
    if (reload) {
      gate.post("/client-cas/reload", new JsonObject());
    }
    if (gate.wantsJson()) {
      gate.printJson(cas(gate));
      return;
    }
    Table table = new Table("ID", "NAME", "OWN", "EXPIRES");
    for (JsonObject ca : cas(gate)) {
      table.add(
          ca.getString("id"),
          ca.getString("name"),
          ca.getBoolean("own") ? "yes" : "no",
          KeyCommands.time(ca.getString("expiresAt")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "ca",
      description = "Prints the certificate of the gate's own CA.",
      mixinStandardHelpOptions = true)
  void ca(@Mixin RunningGate gate) {
    printText(gate, gate.get("/client-cas/own"), "certificate");
  }

  @Command(
      name = "crl",
      description = "Prints the list of what the gate's own CA issued and revoked.",
      mixinStandardHelpOptions = true)
  void crl(@Mixin RunningGate gate) {
    printText(gate, gate.get("/client-cas/own/crl"), "crl");
  }

  private static void printText(RunningGate gate, JsonObject answer, String member) {
    if (gate.wantsJson()) {
      gate.printJson(answer);
      return;
    }
    gate.out().print(answer.getString(member));
    gate.out().flush();
  }

  private static void print(RunningGate gate, JsonObject one) {
    if (gate.wantsJson()) {
      gate.printJson(one);
      return;
    }
    Table table = new Table("id", one.getString("id"));
    table.add("name", one.getString("name"));
    table.add("owner", AccountNames.of(gate).of(one.getString("owner")));
    KeyCommands.addState(table, one);
    table.add("identity", one.getString("identity"));
    table.add("ca", one.getString("ca"));
    if (one.getString("serial") != null) {
      table.add("serial", one.getString("serial"));
    }
    table.add("scopes", AccountCommands.words(one.getJsonArray("scopes")));
    table.add("networks", AccountCommands.words(one.getJsonArray("networks")));
    Integer rate = one.getInteger("requestsPerMinute");
    table.add("rate", rate == null ? "unlimited" : rate + " a minute");
    table.add("expires", KeyCommands.time(one.getString("expiresAt")));
    table.add("last used", KeyCommands.time(one.getString("lastUsedAt")));
    if (one.getString("successor") != null) {
      table.add("successor", one.getString("successor"));
    }
    table.print(gate.out());
  }
}
