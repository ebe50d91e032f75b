package dev.gatehouse.server.config;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// A small part of YAML 1.2, enough for a configuration: one document, no aliases, no tags, so that
/// what is read is no larger than what was written.
final class Yaml {

  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 16;

  private Yaml() {}

  /// The document's root; empty when there is none, with the reason among the problems.
  static Optional<Node> read(Path file, Problems problems) {
    return content(file, problems)
        .filter(text -> isPrintable(text, problems))
        .flatMap(text -> root(text, problems));
  }

  private static Optional<String> content(Path file, Problems problems) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        problems.add(
            Optional.empty(), "the file is longer than 1 MiB", "check that it is the right one");
        return Optional.empty();
      }
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      problems.add(Optional.empty(), "the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      problems.add(
          Optional.empty(),
          "the file cannot be read (" + StartupException.reason(e) + ")",
          "check the path, and that this user may read it");
    }
    return Optional.empty();
  }

  // YAML 1.2.2 §5.1. Looked at here, because the parser's own complaint names no line.
  private static boolean isPrintable(String text, Problems problems) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (!StreamReader.isPrintable(c)) {
        problems.add(
            line,
            column,
            "a character that YAML does not allow (U+%04X)".formatted(c),
            "remove it");
        return false;
      }
      column = c == '\n' ? 1 : column + 1;
      line += c == '\n' ? 1 : 0;
    }
    return true;
  }

  private static Optional<Node> root(String text, Problems problems) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setUseMarks(true)
            .setParseComments(false)
            .setAllowNonScalarKeys(true) // refused by Section, which knows their line
            .setCodePointLimit(MAX_BYTES)
            .build();
    try {
      if (!isPlain(parser(settings, text), problems)) {
        return Optional.empty();
      }
      Optional<Node> root = new Composer(settings, parser(settings, text)).getSingleNode();
      if (root.isEmpty()) {
        problems.add(Optional.empty(), "the file is empty", "give it at least 'routes'");
      }
      return root;
    } catch (MarkedYamlEngineException e) {
      problems.add(
          e.getProblemMark().or(e::getContextMark),
          "this is no YAML: " + oneLine(String.valueOf(e.getProblem())),
          "check the indentation, quotes and colons of this line and the one before");
    } catch (YamlEngineException e) {
      problems.add(
          Optional.empty(),
          "this is no YAML: " + oneLine(String.valueOf(e.getMessage())),
          "check indentation, quotes and colons");
    }
    return Optional.empty();
  }

  // Looks at the flat run of events first: composing nodes recurses as deep as the text is nested.
  private static boolean isPlain(Iterator<Event> events, Problems problems) {
    int depth = 0;
    int documents = 0;
    while (events.hasNext()) {
      Event event = events.next();
      if (event instanceof CollectionStartEvent) {
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      } else if (event instanceof DocumentStartEvent) {
        documents++;
      }
      String refused = documents > 1 ? "a second document begins here" : refusal(event);
      if (depth > MAX_DEPTH) {
        refused = "this is nested too deeply";
      }
      if (!refused.isEmpty()) {
        problems.add(event.getStartMark(), refused, "write the values out, in one document");
        return false;
      }
    }
    return true;
  }

  private static String refusal(Event event) {
    return switch (event) {
      case AliasEvent _ -> "aliases (*name) are not read here; '*' itself goes in quotes";
      case NodeEvent node when node.getAnchor().isPresent() -> "anchors (&name) are not read here";
      case ScalarEvent scalar when scalar.getTag().isPresent() -> "tags (!name) are not read here";
      case CollectionStartEvent start when start.getTag().isPresent() ->
          "tags (!name) are not read here";
      default -> "";
    };
  }

  private static ParserImpl parser(LoadSettings settings, String text) {
    return new ParserImpl(settings, new StreamReader(settings, text));
  }

  private static String oneLine(String text) {
    String quoted = Problems.quoted(text);
    return quoted.substring(1, quoted.length() - 1);
  }
}
