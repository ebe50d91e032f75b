package dev.gatehouse.server.cli;

import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.server.folder.AtomicFile;
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

  private static final CredentialView CERTIFICATES =
      new CredentialView("/certificates", "renew", null, "IDENTITY") {
        @Override
        List<String> cells(JsonObject one) {
          return List.of(
              one.getString("serial") == null ? one.getString("identity") : "issued here");
        }

        @Override
        void addBelowState(Table table, JsonObject one) {
          table.add("identity", one.getString("identity"));
          table.add("ca", one.getString("ca"));
          if (one.getString("serial") != null) {
            table.add("serial", one.getString("serial"));
          }
        }
      };
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
        AtomicFile.writePrivate(keyFile(name), SigningRequest.privateKeyPem(made));
      }
      boolean kept = made != null || out != null;
      if (kept) {
        AtomicFile.writePublic(certificateFile(name), pem);
      }
      if (kept || gate.wantsJson()) {
        CERTIFICATES.print(gate, certificate);
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
    JsonObject issued =
        CERTIFICATES.issue(gate, terms.of(name, expires).put("csr", source.request()));
    source.keep(gate, name, issued);
  }

  @Command(
      name = "renew",
      description = "Issues a successor of a certificate. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void renew(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Mixin RotationOptions rotation,
      @Mixin KeySource source) {
    String name = gate.get(CERTIFICATES.path(id)).getString("name") + "-renewed";
    source.check(name);
    JsonObject body = rotation.body().put("csr", source.request());
    source.keep(gate, name, CERTIFICATES.rotate(gate, id, body));
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
    CERTIFICATES.print(
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
    CERTIFICATES.list(gate, CERTIFICATES.all(gate, owner));
  }

  @Command(
      name = "show",
      description = "Shows a client certificate.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject one = gate.get(CERTIFICATES.path(id));
    CERTIFICATES.print(gate, one);
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
    CERTIFICATES.revoke(gate, id);
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
}
