package dev.gatehouse.server.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Splits a JSON text into the texts of its members or items, so that each is read by itself and a
/// malformed one does not invalidate the others.
///
/// The whole must be JSON (RFC 8259). It does not check that numbers can be represented, that names
/// are unique, or that texts are well-formed. The caller bounds the length. Thread-safe; does not
/// block.
final class JsonParts {

  // Nothing is converted here, and no call nests: the length of the text bounds them all.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonParts() {}

  /// The members of the object, in its order. Throws [ParseException] when the text is no JSON
  /// object, or when the object names a member twice.
  static Map<String, String> members(String json) throws ParseException {
    Map<String, String> members = new LinkedHashMap<>();
    read(
        json,
        JsonToken.START_OBJECT,
        parser -> {
          String name = parser.currentName();
          parser.nextToken();
          if (members.put(name, text(parser, json)) != null) {
            throw new IOException("a member is there twice");
          }
        });
    return members;
  }

  /// The items of the array. Throws [ParseException] when the text is no JSON array.
  static List<String> items(String json) throws ParseException {
    List<String> items = new ArrayList<>();
    read(json, JsonToken.START_ARRAY, parser -> items.add(text(parser, json)));
    return items;
  }

  private interface Part {
    void read(JsonParser at) throws IOException;
  }

  private static void read(String json, JsonToken start, Part part) throws ParseException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != start) {
        throw new IOException("another kind of value");
      }
      for (JsonToken token = parser.nextToken(); ; token = parser.nextToken()) {
        if (token == null) {
          throw new IOException("no end");
        }
        if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
          break;
        }
        part.read(parser);
      }
      if (parser.nextToken() != null) {
        throw new IOException("something behind the end");
      }
    } catch (IOException noJson) {
      throw new ParseException("no JSON of that form", 0);
    }
  }

  // Of the value at which the parser is. The parser is at its end then.
  private static String text(JsonParser parser, String json) throws IOException {
    int begin = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
    parser.skipChildren();
    parser.finishToken();
    return json.substring(begin, Math.toIntExact(parser.currentLocation().getCharOffset())).strip();
  }
}
