package dev.gatehouse;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a request says outside of any method.
public final class NetworkTargets {

  private NetworkTargets() {}

  /// A block of addresses. Its text is read back as the same block.
  public static void network(byte[] input) {
    Network network;
    try {
      network = Network.parse(Inputs.utf8(input));
    } catch (IllegalArgumentException refused) {
      return;
    }
    Holds.equal(Network.parse(network.toString()), network);
  }

  /// The credentials of a scheme, compared with a plain reading of the same field.
  public static void authorization(byte[] input) {
    AuthRequest request = Inputs.request("/\nAuthorization: " + Inputs.latin1(input));
    String value = request.fields().values("Authorization").getFirst();
    for (String scheme : new String[] {"Basic", "Bearer", "AWS4-HMAC-SHA256"}) {
      Holds.equal(request.credentials(scheme), plainly(value, scheme));
    }
    String logged =
        new AuthRequest("GET", Inputs.latin1(input), request.fields(), request.peer()).toString();
    Holds.that(
        logged.length() <= 200 && logged.chars().allMatch(c -> c >= 0x20 && c < 0x7f),
        "fit for a log");
  }

  private static @Nullable String plainly(String value, String scheme) {
    int space = value.indexOf(' ');
    String found = space < 0 ? value : value.substring(0, space);
    if (!found.toLowerCase(Locale.ROOT).equals(scheme.toLowerCase(Locale.ROOT))) {
      return null;
    }
    String rest = space < 0 ? "" : value.substring(space);
    int start = 0;
    while (start < rest.length() && rest.charAt(start) == ' ') {
      start++;
    }
    return rest.substring(start);
  }
}
