package dev.gatehouse.server.config;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// Reads a small subset of YAML 1.2 that is enough for a configuration: one document without
/// aliases and tags, so the result is never larger than the text.
final class Yaml {

  private static final String NO_YAML = "this is no YAML: ";
  private static final Set<ScalarStyle> QUOTED =
      EnumSet.of(ScalarStyle.SINGLE_QUOTED, ScalarStyle.DOUBLE_QUOTED);

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
      tell(e, parser(settings, text), problems);
    } catch (YamlEngineException e) {
      problems.add(
          Optional.empty(),
          NO_YAML + oneLine(String.valueOf(e.getMessage())),
          "check indentation, quotes and colons");
    }
    return Optional.empty();
  }

  // The parser names the place where it can't go on, which may be lines behind the fault.
  private static void tell(MarkedYamlEngineException e, ParserImpl again, Problems problems) {
    String problem = String.valueOf(e.getProblem());
    Optional<Mark> place = e.getProblemMark().or(e::getContextMark);
    Optional<Mark> begin = e.getContextMark();
    Optional<ScalarEvent> quoted = place.flatMap(mark -> quotedUpTo(mark.getLine(), again));
    if (problem.contains("(TAB)")) {
      problems.add(place, NO_YAML + "a tab", "indent with spaces, not tabs");
    } else if ("while scanning a quoted scalar".equals(e.getContext())
        && problem.equals("found unexpected end of stream")) {
      problems.add(
          begin,
          NO_YAML + "the quote that begins here does not end",
          "close it where its text ends");
    } else if (begin.filter(mark -> characterAt(mark) == '*').isPresent()) {
      problems.add(begin, NO_YAML + "'*' without quotes", "write '*' in quotes");
    } else if (quoted.isPresent()) {
      problems.add(
          quoted.get().getStartMark(),
          NO_YAML + "the quote that begins here ends on line " + (place.get().getLine() + 1),
          "close it where its text ends");
    } else {
      problems.add(
          place,
          NO_YAML + oneLine(problem),
          "check the indentation, quotes and colons of this line and the one before");
    }
  }

  private static int characterAt(Mark mark) {
    int[] buffer = mark.getBuffer();
    return mark.getPointer() < buffer.length ? buffer[mark.getPointer()] : -1;
  }

  // The text in quotes that ends on this line and began on another, if the parser came so far: the
  // quote at its end was perhaps meant to begin the next text.
  private static Optional<ScalarEvent> quotedUpTo(int line, ParserImpl events) {
    Optional<ScalarEvent> found = Optional.empty();
    try {
      while (events.hasNext()) {
        if (events.next() instanceof ScalarEvent scalar
            && QUOTED.contains(scalar.getScalarStyle())
            && lineOf(scalar.getStartMark()) < line
            && lineOf(scalar.getEndMark()) == line) {
          found = Optional.of(scalar);
        }
      }
    } catch (YamlEngineException again) {
      // The fault that is being told.
    }
    return found;
  }

  private static int lineOf(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(-1);
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

  /// The value behind these keys, as far down as they go.
  static Node at(Node from, String... keys) {
    Node node = from;
    for (String key : keys) {
      node = value(node, key).orElse(node);
    }
    return node;
  }

  private static Optional<Node> value(Node node, String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return Optional.of(entry.getValueNode());
        }
      }
    }
    return Optional.empty();
  }
}
