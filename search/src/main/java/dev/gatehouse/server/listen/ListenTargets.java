package dev.gatehouse.server.listen;

import dev.gatehouse.Network;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a listener reads before a request is judged.
public final class ListenTargets {

  private static final ForwardedHops HOPS =
      new ForwardedHops(List.of(Network.parse("10.0.0.0/8"), Network.parse("127.0.0.1")));

  private ListenTargets() {}

  /// The lines of `X-Forwarded-For` and `X-Forwarded-Proto`.
  public static void forwardedFor(byte[] input) {
    List<String> lines = Inputs.lines(Inputs.latin1(input));
    InetAddress peer = Network.address("10.0.0.1");
    InetAddress client = HOPS.client(peer, lines);
    Holds.that(
        client.equals(peer) || lines.stream().anyMatch(line -> !line.isBlank()),
        "a client is named by a line");
    ForwardedHops.anyInClear(lines);
  }

  /// A method, a host and a target, one in a line.
  public static void messageForm(byte[] input) {
    String[] parts = Inputs.latin1(input).split("\n", 3);
    if (parts.length < 3) {
      return;
    }
    MessageForm form = MessageForm.of(parts[0], parts[1], parts[2], ListenLimits.DEFAULT);
    if (form.refusal().isEmpty()) {
      Holds.that(form.target().startsWith("/"), "origin form");
      Holds.that(!form.host().isEmpty(), "it names a host");
      MessageForm again = MessageForm.of(parts[0], parts[1], form.target(), ListenLimits.DEFAULT);
      Holds.that(again.refusal().isEmpty(), "the origin form is good");
      Holds.equal(again.target(), form.target());
    }
  }

  /// An encoded name or value. What is read is read again from its encoding.
  public static void percentEncoding(byte[] input) {
    String decoded;
    try {
      decoded = PercentEncoding.decode(Inputs.utf8(input));
    } catch (IllegalArgumentException refused) {
      return;
    }
    Holds.equal(
        PercentEncoding.decode(URLEncoder.encode(decoded, StandardCharsets.UTF_8)), decoded);
  }
}
