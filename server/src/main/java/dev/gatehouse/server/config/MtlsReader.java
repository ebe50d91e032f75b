package dev.gatehouse.server.config;

import dev.gatehouse.server.tls.UnusableFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the settings of the method `mtls`, and checks the files that they name.
final class MtlsReader {

  private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._-]{1,255}");

  private final Path folder;
  private final Problems problems;

  /// @param folder to which the names of files are relative
  MtlsReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  MethodsConfig.Mtls read(Section section) {
    Map<Path, Node> places = new HashMap<>();
    Map<Path, Node> except = new HashMap<>();
    List<Path> cas = files(section, "clientCas", places);
    List<Path> withoutCrl = files(section, "casWithoutCrl", except);
    MethodsConfig.Mtls read =
        new MethodsConfig.Mtls(
            cas,
            withoutCrl,
            files(section, "crlIssuers", places),
            files(section, "crls", places),
            section.flag("ownCa", cas.isEmpty()),
            section.parsed("trustDomain", MtlsReader::trustDomain));
    if (cas.isEmpty() && !read.ownCa()) {
      problems.add(
          section.node(),
          "no client certificate can be good: 'ownCa' is false, and there are no 'clientCas'",
          "name the files of the CAs in 'clientCas', or remove ownCa: false");
    }
    except.forEach(
        (file, node) -> {
          if (!cas.contains(file)) {
            problems.add(
                node,
                "'casWithoutCrl' names a file that 'clientCas' does not name",
                "name it there, too, or remove it here");
          }
        });
    for (UnusableFileException unusable : read.files().faults()) {
      String[] told = String.valueOf(unusable.getMessage()).split(": ", 2);
      problems.add(
          places.getOrDefault(unusable.file(), section.node()),
          unusable.file() + " " + told[0],
          told.length > 1 ? told[1] : "correct it");
    }
    section.refuseUnknown();
    return read;
  }

  // The place of a file that is named twice is the first one.
  private List<Path> files(Section section, String key, Map<Path, Node> places) {
    List<Path> files = new ArrayList<>();
    for (Node node : section.list(key)) {
      Section.parsed(
              node,
              "a file of '" + key + "'",
              text -> folder.resolve(ValueParsers.path(text)),
              problems)
          .ifPresent(
              file -> {
                files.add(file);
                places.putIfAbsent(file, node);
              });
    }
    return files;
  }

  private static String trustDomain(String text) {
    if (!TRUST_DOMAIN.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is no trust domain: write a name in lower case, as example.org");
    }
    return text;
  }
}
