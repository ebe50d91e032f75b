package dev.gatehouse.basic;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Basic credentials.
public final class BasicTargets {

  private BasicTargets() {}

  /// What stands behind the scheme. The name and the password that it holds are read back as the
  /// same.
  public static void credentials(byte[] input) {
    check(Inputs.latin1(input));
    // The same bytes as name and password, which a fuzzer would have to encode.
    check(Base64.getEncoder().encodeToString(input));
  }

  private static void check(String credentials) {
    Optional<PresentedBasic> parsed = PresentedBasic.parse(credentials);
    if (parsed.isEmpty()) {
      return;
    }
    String name = parsed.get().name().folded();
    String pair = name + ":" + new String(parsed.get().password().bytes(), StandardCharsets.UTF_8);
    if (name.indexOf(':') < 0) {
      Optional<PresentedBasic> again =
          PresentedBasic.parse(
              Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      Holds.that(again.isPresent(), "what was read is read again");
      Holds.that(
          java.util.Arrays.equals(again.orElseThrow().bytes(), parsed.get().bytes()), "the same");
    }
  }
}
