package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;

/// The signatures of vendors.
public final class WebhookTargets {

  private static final byte[] KEY = new byte[32];
  private static final byte[] BODY = new byte[0];

  private WebhookTargets() {}

  /// The fields of a request, read as each vendor's.
  public static void fields(byte[] input) {
    HeaderFields fields = Inputs.fields(Inputs.latin1(input));
    for (Webhook.Vendor vendor : Webhook.Vendor.values()) {
      PresentedWebhook presented;
      try {
        presented = WebhookFormat.of(vendor).parse(fields);
      } catch (MalformedSignatureException refused) {
        continue;
      }
      if (presented != null) {
        Holds.that(
            presented.signedPrefix().chars().allMatch(c -> c > 0x20 && c < 0x7f), "visible ASCII");
        presented.isSignedBy(KEY, BODY);
        presented.useDigest("hook", BODY);
      }
    }
  }
}
