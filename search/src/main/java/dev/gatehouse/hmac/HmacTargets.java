package dev.gatehouse.hmac;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;

/// Requests that are signed in the gate's own way.
public final class HmacTargets {

  private HmacTargets() {}

  /// The fields of a signature.
  public static void fields(byte[] input) {
    if (PresentedSignature.in(Inputs.request("/\n" + Inputs.latin1(input)))
        instanceof PresentedSignature.Reading.Found(PresentedSignature signature)) {
      Holds.equal(signature.signature().length, 32);
      Holds.equal(Long.toString(signature.seconds()), signature.timestamp());
    }
  }
}
