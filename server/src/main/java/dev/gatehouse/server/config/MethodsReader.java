package dev.gatehouse.server.config;

import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.signing.HmacSecret;
import dev.gatehouse.signing.SigningAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads the settings of the methods.
final class MethodsReader {

  private static final Pattern AUDIENCE = Pattern.compile("[!-~]{1,256}");
  private static final Pattern LINE_END = Pattern.compile("\\r?\\n\\z");

  private final Path folder;
  private final Problems problems;

  /// @param folder to which the names of files are relative
  MethodsReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  MethodsConfig read(Section methods) {
    String apiKeyPrefix =
        methods
            .section("apikey")
            .map(MethodsReader::apiKeyPrefix)
            .orElse(MethodsConfig.DEFAULT.apiKeyPrefix());
    OwnSecrets ownSecrets = OwnSecretForms.withApiKeys(apiKeyPrefix);
    MethodsConfig read =
        new MethodsConfig(
            apiKeyPrefix,
            methods
                .section("jwt")
                .map(section -> jwt(section, ownSecrets))
                .orElse(MethodsConfig.Jwt.DEFAULT),
            methods
                .section("oauth")
                .map(section -> new OAuthReader(folder, problems).read(section))
                .orElse(OAuthConfig.DEFAULT),
            methods
                .section("hmac")
                .map(section -> new HmacReader(problems).read(section))
                .orElse(MethodsConfig.Hmac.DEFAULT),
            methods.section("session").map(this::session).orElse(MethodsConfig.Session.DEFAULT),
            methods
                .section("mtls")
                .map(section -> new MtlsReader(folder, problems).read(section))
                .orElse(MethodsConfig.Mtls.DEFAULT));
    for (ScalarNode key : methods.keys()) {
      switch (key.getValue()) {
        case "apikey", "jwt", "oauth", "hmac", "session", "mtls" -> {}
        case "basic" ->
            problems.add(
                key,
                "'basic' has no settings here",
                "remove it; the settings of passwords are in 'passwords'");
        default -> MethodNames.known(key, problems);
      }
    }
    return read;
  }

  private static String apiKeyPrefix(Section section) {
    String read =
        section
            .parsed(
                "prefix",
                text -> {
                  if (!ApiKeySettings.PREFIX.matcher(text).matches()) {
                    throw new IllegalArgumentException(
                        "is no prefix of a key: write up to 32 letters, digits and single '_',"
                            + " a letter first and '_' last, as sk_live_");
                  }
                  if (OwnSecretForms.isTaken(text)) {
                    throw new IllegalArgumentException(
                        "is the prefix of another kind of the gate's secrets: choose another");
                  }
                  return text;
                })
            .orElse(MethodsConfig.DEFAULT.apiKeyPrefix());
    section.refuseUnknown();
    return read;
  }

  private MethodsConfig.Jwt jwt(Section section, OwnSecrets ownSecrets) {
    MethodsConfig.Jwt otherwise = MethodsConfig.Jwt.DEFAULT;
    SigningAlgorithm algorithm =
        section.parsed("algorithm", MethodsReader::algorithm).orElse(otherwise.algorithm());
    List<Node> secretNodes = section.list("secretFiles");
    List<HmacSecret> secrets = new ArrayList<>();
    for (Node node : secretNodes) {
      Section.parsed(node, "a file of 'secretFiles'", file -> secret(file, ownSecrets), problems)
          .ifPresent(secrets::add);
    }
    MethodsConfig.Jwt read =
        new MethodsConfig.Jwt(
            algorithm,
            section.parsed("audience", MethodsReader::audience),
            secrets,
            section.duration(
                "accessTokenLife",
                otherwise.accessTokenLife(),
                Duration.ofMinutes(1),
                Duration.ofHours(1)),
            section.duration(
                "refreshTokenLife",
                otherwise.refreshTokenLife(),
                Duration.ofMinutes(5),
                Duration.ofDays(90)),
            section.duration(
                "familyLife", otherwise.familyLife(), Duration.ofMinutes(5), Duration.ofDays(90)),
            section.duration(
                "reuseGrace", otherwise.reuseGrace(), Duration.ZERO, Duration.ofSeconds(60)),
            section.duration(
                "clockSkew", otherwise.clockSkew(), Duration.ZERO, Duration.ofSeconds(60)),
            section.flag("bindToCertificate", otherwise.bindToCertificate()),
            section.section("cors").map(cors -> new CorsReader(problems).read(cors)));
    if (!secretNodes.isEmpty() && algorithm != SigningAlgorithm.HS256) {
      problems.add(
          secretNodes.getFirst(),
          "secrets are for HS256 only; the gate makes the keys of " + algorithm + " itself",
          "remove 'secretFiles', or write algorithm: HS256");
    }
    if (read.familyLife().compareTo(read.refreshTokenLife()) < 0) {
      problems.add(
          section.node(),
          "'familyLife' is shorter than 'refreshTokenLife'",
          "a refresh token can't outlive its family: make the former longer");
    }
    if (read.refreshTokenLife().compareTo(read.accessTokenLife()) < 0) {
      problems.add(
          section.node(),
          "'refreshTokenLife' is shorter than 'accessTokenLife'",
          "tokens end with the last refresh token: make the former longer");
    }
    section.refuseUnknown();
    return read;
  }

  // The text of a file, without one line ending at the end, which editors add. Other programs use
  // the text unchanged.
  private HmacSecret secret(String file, OwnSecrets ownSecrets) {
    String text;
    try {
      text =
          LINE_END
              .matcher(Files.readString(folder.resolve(ValueParsers.path(file))))
              .replaceFirst("");
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "can't be read as text: name a file that holds the secret alone", unreadable);
    }
    if (ownSecrets.isIn(text)) {
      throw new IllegalArgumentException(
          "holds a text in the form of one of the gate's own secrets, such as an API key: make a"
              + " new secret, as by 'openssl rand -base64 32'");
    }
    return HmacSecret.of(text);
  }

  private static SigningAlgorithm algorithm(String text) {
    for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
      if (algorithm.jws().getName().equalsIgnoreCase(text)) {
        return algorithm;
      }
    }
    throw new IllegalArgumentException(
        "is none that access tokens are signed with: write ES256, EdDSA, RS256 or HS256");
  }

  private static String audience(String text) {
    if (!AUDIENCE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is no audience: write the address of the API, as https://api.example.com");
    }
    return text;
  }

  private MethodsConfig.Session session(Section section) {
    MethodsConfig.Session otherwise = MethodsConfig.Session.DEFAULT;
    MethodsConfig.Session read =
        new MethodsConfig.Session(
            section.duration(
                "idle",
                otherwise.idle(),
                SessionSettings.MIN_IDLE_TIMEOUT,
                SessionSettings.MAX_ABSOLUTE_TIMEOUT),
            section.duration(
                "absolute",
                otherwise.absolute(),
                SessionSettings.MIN_IDLE_TIMEOUT,
                SessionSettings.MAX_ABSOLUTE_TIMEOUT),
            section
                .parsed(
                    "sameSite",
                    text ->
                        switch (text) {
                          case "Lax" -> false;
                          case "Strict" -> true;
                          default ->
                              throw new IllegalArgumentException(
                                  "is not Lax or Strict: write one of them");
                        })
                .orElse(otherwise.strict()));
    if (read.absolute().compareTo(read.idle()) < 0) {
      problems.add(
          section.node(), "'absolute' is shorter than 'idle'", "make the absolute limit longer");
    }
    section.refuseUnknown();
    return read;
  }

  /// Reads `passwords`.
  static PasswordConfig passwords(Section section) {
    PasswordConfig otherwise = PasswordConfig.DEFAULT;
    Optional<Boolean> argon2id =
        section.parsed(
            "hash",
            text ->
                switch (text) {
                  case "bcrypt" -> false;
                  case "argon2id" -> true;
                  default ->
                      throw new IllegalArgumentException(
                          "is not bcrypt or argon2id: write one of them");
                });
    PasswordConfig read =
        new PasswordConfig(
            argon2id.orElse(otherwise.argon2id()),
            section.integer("bcryptCost", otherwise.bcryptCost(), 10, 16),
            section.integer("minLength", otherwise.minLength(), 8, 64),
            section.integer("failedPerName", otherwise.failedPerName(), 1, 100_000),
            section.integer(
                "failedPerNameAndAddress", otherwise.failedPerNameAndAddress(), 1, 100_000),
            section.integer("hashingThreads", otherwise.hashingThreads(), 1, 1024),
            section.integer("hashingQueue", otherwise.hashingQueue(), 1, 100_000));
    section.refuseUnknown();
    return read;
  }
}
