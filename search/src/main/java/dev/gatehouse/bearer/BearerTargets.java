package dev.gatehouse.bearer;

import dev.gatehouse.json.Json;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.Base64;

/// Tokens.
public final class BearerTargets {

  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  private BearerTargets() {}

  /// The text of a token. Its three parts are the only text for their bytes.
  public static void jwt(byte[] input) {
    String text = Inputs.latin1(input);
    PresentedJwt.isDamaged(text);
    PresentedJwt.parse(text)
        .ifPresent(
            token -> {
              Holds.equal(
                  BASE64_URL.encodeToString(token.header())
                      + "."
                      + BASE64_URL.encodeToString(token.payload())
                      + "."
                      + BASE64_URL.encodeToString(token.signature().decode()),
                  text);
              Holds.equal(
                  Inputs.latin1(token.signingInput()), text.substring(0, text.lastIndexOf('.')));
              JoseHeader.readForeign(token.header());
              BearerTokenClassifier.issuer(token);
            });
  }

  /// The header of a token. One that is read as the gate's own is read as another issuer's too.
  public static void joseHeader(byte[] input) {
    Check<JoseHeader> foreign = JoseHeader.readForeign(input);
    if (JoseHeader.read(input) instanceof Check.Passed<JoseHeader>(JoseHeader own)) {
      Holds.equal(foreign, new Check.Passed<>(own));
    }
    JoseHeader.mayBeOfAccessToken(input);
  }

  /// One member of an object. Of an object that the strict reader takes, it is the same member.
  public static void plainMember(byte[] input) {
    String found = JsonMemberScanner.of(input, "iss");
    Json.object(input)
        .ifPresent(
            object -> Holds.equal(found, object.get("iss") instanceof String text ? text : null));
  }
}
