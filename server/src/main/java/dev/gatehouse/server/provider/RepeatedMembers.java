package dev.gatehouse.server.provider;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.parsetools.JsonEvent;
import io.vertx.core.parsetools.JsonParser;
import java.text.ParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/// Finds the keys of a JWK Set that name a member twice, at any depth.
///
/// RFC 7517 lets a reader take the last of two members of one name or refuse the key. The gate
/// refuses it, so that it never verifies with another key than the issuer meant.
final class RepeatedMembers {

  // What is open, outermost first: the names in an object so far, or none for an array.
  private record Level(boolean isArray, Set<String> names) {}

  private final String array;
  private final Set<Integer> found = new HashSet<>();
  private final Deque<Level> open = new ArrayDeque<>();
  private boolean isInArray;
  private int index = -1;

  private RepeatedMembers(String array) {
    this.array = array;
  }

  /// The places, from 0, of those items of the array of that name in the outermost object. Throws
  /// [ParseException] when the text is no JSON.
  static Set<Integer> itemsOf(String array, String json) throws ParseException {
    RepeatedMembers members = new RepeatedMembers(array);
    try {
      JsonParser.newParser().handler(members::read).write(Buffer.buffer(json)).end();
    } catch (DecodeException noJson) {
      throw new ParseException("no JSON", 0);
    }
    return members.found;
  }

  private void read(JsonEvent event) {
    switch (event.type()) {
      case START_OBJECT -> {
        begin(event);
        open.addLast(new Level(false, new HashSet<>()));
      }
      case START_ARRAY -> {
        begin(event);
        isInArray |= open.size() == 1 && array.equals(event.fieldName());
        open.addLast(new Level(true, Set.of()));
      }
      case VALUE -> begin(event);
      case END_OBJECT, END_ARRAY -> {
        open.removeLast();
        isInArray &= open.size() > 1;
      }
    }
  }

  private void begin(JsonEvent event) {
    if (!isInArray) {
      return;
    }
    Level level = open.getLast();
    if (open.size() == 2) {
      index++;
    } else if (!level.isArray && !level.names.add(event.fieldName())) {
      found.add(index);
    }
  }
}
