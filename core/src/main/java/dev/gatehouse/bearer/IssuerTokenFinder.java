package dev.gatehouse.bearer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Finds signed tokens of one issuer in texts: whole ones, damaged ones and parts, whatever stands
/// around them.
///
/// It looks for the base64url of the claim `iss` as the gate writes it, and verifies nothing.
/// Thread-safe; allocates nothing.
public final class IssuerTokenFinder {

  // Three bytes are four characters (RFC 4648 §5), so the claim has three spellings.
  private final List<String> spellings = new ArrayList<>();

  /// @param issuer visible ASCII without quotes and backslashes
  public IssuerTokenFinder(String issuer) {
    String claim = "\"iss\":\"" + issuer + "\"";
    for (int offset = 0; offset < 3; offset++) {
      byte[] shifted = (" ".repeat(offset) + claim).getBytes(StandardCharsets.US_ASCII);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(shifted);
      // The first and the last characters may also stand for bits of what is around the claim.
      int end = text.length() - (shifted.length % 3 == 0 ? 0 : 1);
      spellings.add(text.substring(offset == 0 ? 0 : offset + 1, end));
    }
  }

  /// Whether the text holds such a token.
  public boolean isIn(String text) {
    for (String spelling : spellings) {
      if (text.contains(spelling)) {
        return true;
      }
    }
    return false;
  }
}
