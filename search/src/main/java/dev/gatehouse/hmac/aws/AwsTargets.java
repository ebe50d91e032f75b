package dev.gatehouse.hmac.aws;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;

/// Requests signed with AWS Signature Version 4.
public final class AwsTargets {

  private static final AwsSettings SETTINGS = new AwsSettings("us-east-1", "service");

  private AwsTargets() {}

  /// What stands behind the scheme. Written again, it is read as the same.
  public static void authorization(byte[] input) throws MalformedSignatureException {
    AwsAuthorization parsed;
    try {
      parsed = AwsAuthorization.parse(Inputs.latin1(input));
    } catch (MalformedSignatureException refused) {
      return;
    }
    Holds.equal(parsed.signatureBytes().length, 32);
    Holds.equal(
        AwsAuthorization.parse(
            "Credential="
                + parsed.keyId()
                + "/"
                + parsed.scope()
                + ", SignedHeaders="
                + String.join(";", parsed.signedFields())
                + ", Signature="
                + parsed.signature()),
        parsed);
  }

  /// A signed request.
  public static void request(byte[] input) {
    AuthRequest request = Inputs.request(Inputs.latin1(input));
    String credentials = request.credentials(AwsAuthorization.SCHEME);
    if (credentials == null) {
      return;
    }
    try {
      PresentedAwsSignature presented = PresentedAwsSignature.parse(request, credentials, SETTINGS);
      String canonical = presented.canonicalRequest("0".repeat(64));
      presented.matches(presented.signingKey(new byte[32]), canonical);
      presented.stringToSign(canonical);
    } catch (MalformedSignatureException refused) {
      // the declared refusal
    }
  }

  /// A target. The canonical query is its own canonical form, and the forwarded path is the signed
  /// one.
  public static void target(byte[] input)
      throws MalformedSignatureException, RequestPath.MalformedTargetException {
    String target = Inputs.latin1(input);
    int mark = target.indexOf('?');
    String query = mark < 0 ? "" : target.substring(mark + 1);
    String canonical = null;
    try {
      canonical = CanonicalTarget.canonical(query);
    } catch (MalformedSignatureException refused) {
      // the declared refusal
    }
    if (canonical != null && canonical.split("&", -1).length <= 500) {
      Holds.equal(CanonicalTarget.canonical(canonical), canonical);
    }
    CanonicalTarget signed;
    try {
      signed = CanonicalTarget.parse(target);
    } catch (MalformedSignatureException refused) {
      return;
    }
    Holds.equal(signed.query(), canonical);
    // What the gate forwards is what a server reads in the signed path.
    String decodedOnce = percentDecoded(signed.path());
    Holds.equal(RequestPath.parse(decodedOnce).path(), RequestPath.parse(target).path());
  }

  private static String percentDecoded(String path) {
    StringBuilder decoded = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        c = (char) Integer.parseInt(path.substring(i + 1, i + 3), 16);
        i += 2;
      }
      decoded.append(c);
    }
    return decoded.toString();
  }
}
