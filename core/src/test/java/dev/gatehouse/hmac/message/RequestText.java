package dev.gatehouse.hmac.message;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.RequestBody;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A request written down as a message, as the RFCs do.
final class RequestText {

  private RequestText() {}

  static AuthRequest request(String scheme, String message) {
    int end = message.indexOf("\n\n");
    String[] lines = (end < 0 ? message : message.substring(0, end)).split("\n", -1);
    String[] start = lines[0].split(" ", -1);
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      fields
          .computeIfAbsent(lines[i].substring(0, colon), name -> new ArrayList<>())
          .add(lines[i].substring(colon + 1));
    }
    HeaderFields headers = HeaderFields.of(fields);
    return new AuthRequest(
        start[0],
        scheme,
        headers.values("Host").isEmpty() ? "" : headers.values("Host").getFirst().strip(),
        start[1],
        headers,
        InetAddress.getLoopbackAddress(),
        PeerCertificates.NONE,
        end < 0
            ? RequestBody.NONE
            : RequestBody.of(message.substring(end + 2).getBytes(StandardCharsets.UTF_8)));
  }
}
