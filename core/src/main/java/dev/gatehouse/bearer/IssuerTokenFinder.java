package dev.gatehouse.bearer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Finds signed tokens of one issuer in texts: whole tokens, damaged ones and parts of them,
/// regardless of the text around them.
///
/// It searches for the claim `iss` in base64url, as the gate writes it. It verifies nothing.
/// Thread-safe; does not block; allocates nothing.
public final class IssuerTokenFinder {

  // Three bytes become four characters (RFC 4648 §5), so the claim has three spellings.
  private final List<String> spellings = new ArrayList<>();

  /// @param issuer printable ASCII without quotes and backslashes
  public IssuerTokenFinder(String issuer) {
    String claim = "\"iss\":\"" + issuer + "\"";
    for (int offset = 0; offset < 3; offset++) {
      byte[] shifted = (" ".repeat(offset) + claim).getBytes(StandardCharsets.US_ASCII);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(shifted);
      // The first and the last character also encode bits of what is around the claim.
      int end = text.length() - (shifted.length % 3 == 0 ? 0 : 1);
      spellings.add(text.substring(offset == 0 ? 0 : offset + 1, end));
    }
  }

  /// Whether the text contains such a token.
  public boolean isIn(String text) {
    for (String spelling : spellings) {
      if (text.contains(spelling)) {
        return true;
      }
    }
    return false;
  }
}
