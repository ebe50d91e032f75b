package dev.gatehouse.server.config;

import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.server.config.MethodsConfig.Algorithm;
import dev.gatehouse.session.SessionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads the settings of the methods.
final class MethodsReader {

  private final Path folder;
  private final Problems problems;

  /// Files are named relative to that folder.
  MethodsReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  MethodsConfig read(Section methods) {
    MethodsConfig read =
        new MethodsConfig(
            methods
                .section("apikey")
                .map(MethodsReader::apiKeyPrefix)
                .orElse(MethodsConfig.DEFAULT.apiKeyPrefix()),
            methods.section("jwt").map(this::jwt).orElse(MethodsConfig.Jwt.DEFAULT),
            methods.section("session").map(this::session).orElse(MethodsConfig.Session.DEFAULT));
    for (ScalarNode key : methods.keys()) {
      switch (key.getValue()) {
        case "apikey", "jwt", "session" -> {}
        case "basic" ->
            problems.add(
                key,
                "'basic' has no settings of its own",
                "remove it; how passwords are kept stands in 'passwords'");
        default -> MethodNames.built(key, problems);
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
                  return text;
                })
            .orElse(MethodsConfig.DEFAULT.apiKeyPrefix());
    section.refuseUnknown();
    return read;
  }

  private MethodsConfig.Jwt jwt(Section section) {
    MethodsConfig.Jwt otherwise = MethodsConfig.Jwt.DEFAULT;
    Algorithm algorithm =
        section.parsed("algorithm", MethodsReader::algorithm).orElse(otherwise.algorithm());
    List<Node> secretNodes = section.list("secretFiles");
    List<Path> secretFiles = new ArrayList<>();
    for (Node node : secretNodes) {
      Section.parsed(node, "a file of 'secretFiles'", ConfigReader::path, problems)
          .map(folder::resolve)
          .ifPresent(secretFiles::add);
    }
    MethodsConfig.Jwt read =
        new MethodsConfig.Jwt(
            algorithm,
            section.parsed("audience", MethodsReader::audience),
            secretFiles,
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
            section.section("cors").map(cors -> new RouteReader(folder, problems).cors(cors)));
    if (!secretNodes.isEmpty() && algorithm != Algorithm.HS256) {
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
    section.refuseUnknown();
    return read;
  }

  private static Algorithm algorithm(String text) {
    try {
      return Algorithm.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          "is none that access tokens are signed with: write one of "
              + Arrays.stream(Algorithm.values())
                  .map(one -> one == Algorithm.EDDSA ? "EdDSA" : one.name())
                  .toList(),
          unknown);
    }
  }

  private static String audience(String text) {
    if (text.isBlank() || text.length() > 256) {
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
                "idle", otherwise.idle(), SessionSettings.MIN_IDLE, SessionSettings.MAX_ABSOLUTE),
            section.duration(
                "absolute",
                otherwise.absolute(),
                SessionSettings.MIN_IDLE,
                SessionSettings.MAX_ABSOLUTE),
            section
                .parsed(
                    "sameSite",
                    text ->
                        switch (text) {
                          case "Lax" -> false;
                          case "Strict" -> true;
                          default ->
                              throw new IllegalArgumentException(
                                  "is neither Lax nor Strict: write one of them");
                        })
                .orElse(otherwise.strict()));
    if (read.absolute().compareTo(read.idle()) < 0) {
      problems.add(
          section.node(), "'absolute' is shorter than 'idle'", "make the absolute limit longer");
    }
    section.refuseUnknown();
    return read;
  }

  /// How passwords are kept.
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
                          "is neither bcrypt nor argon2id: write one of them");
                });
    PasswordConfig read =
        new PasswordConfig(
            argon2id.orElse(otherwise.argon2id()),
            section.integer("bcryptCost", otherwise.bcryptCost(), 10, 16),
            section.integer("minLength", otherwise.minLength(), 8, 64));
    section.refuseUnknown();
    return read;
  }
}
