package dev.gatehouse.search;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.RequestBody;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads what a parser takes from the bytes of an input.
public final class Inputs {

  private static final InetAddress PEER = InetAddress.getLoopbackAddress();

  private Inputs() {}

  /// A text with one character for each byte, as servers read header fields.
  public static String latin1(byte[] input) {
    return new String(input, StandardCharsets.ISO_8859_1);
  }

  /// A text that may hold every character. What is not UTF-8 becomes U+FFFD.
  public static String utf8(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  /// The lines of a text; at least one.
  public static List<String> lines(String text) {
    return List.of(text.split("\n", -1));
  }

  /// The fields that the lines `name: value` are. A line without a colon is left out.
  public static HeaderFields fields(String text) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String line : lines(text)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields
            .computeIfAbsent(
                line.substring(0, colon).toLowerCase(Locale.ROOT), first -> new ArrayList<>())
            .add(line.substring(colon + 1).strip());
      }
    }
    return HeaderFields.of(fields);
  }

  /// The request with the first line as its target and the other lines as its fields.
  public static AuthRequest request(String text) {
    int end = text.indexOf('\n');
    String target = end < 0 ? text : text.substring(0, end);
    return new AuthRequest(
        "GET",
        "https",
        "api.example.com",
        target,
        fields(end < 0 ? "" : text.substring(end + 1)),
        PEER,
        PeerCertificates.NONE,
        RequestBody.NONE);
  }
}
