package dev.gatehouse.hmac.message;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.List;
import java.util.Optional;
import org.greenbytes.http.sfv.Type;

/// Message signatures (RFC 9421) and the structured fields in which they stand.
public final class MessageTargets {

  private MessageTargets() {}

  /// A structured field of each kind. What is serialized is read back as the same.
  public static void structuredField(byte[] input) throws MalformedSignatureException {
    List<String> lines = Inputs.lines(Inputs.latin1(input));
    for (StructuredField.Kind kind : StructuredField.Kind.values()) {
      Type<?> parsed;
      try {
        parsed = StructuredField.parse("Field", lines, kind);
      } catch (MalformedSignatureException refused) {
        continue;
      }
      String written = parsed.serialize();
      // RFC 9651 §4.1.1, §4.1.2: an empty list or dictionary is not serialized at all.
      if (!written.isEmpty()) {
        Holds.equal(StructuredField.parse("Field", List.of(written), kind).serialize(), written);
      }
    }
    try {
      StructuredField.dictionaryWithoutDuplicates("Field", lines, 100);
    } catch (MalformedSignatureException refused) {
      // the declared refusal
    }
  }

  /// A request with a signature. Its base has a line for each component, and its parameters are
  /// read back as the same.
  public static void signature(byte[] input) throws MalformedSignatureException {
    String text = Inputs.latin1(input);
    if (text.indexOf('\r') >= 0) {
      return; // no server has one within a target or a field
    }
    AuthRequest request = Inputs.request(text);
    for (String label : new String[] {"", "sig1"}) {
      Optional<PresentedMessageSignature> found;
      try {
        found = PresentedMessageSignature.in(request.fields(), label.isEmpty() ? null : label);
      } catch (MalformedSignatureException refused) {
        continue;
      }
      if (found.isPresent()) {
        check(request, found.get().parameters());
      }
    }
  }

  private static void check(AuthRequest request, SignatureParameters parameters)
      throws MalformedSignatureException {
    SignatureParameters again =
        PresentedMessageSignature.in(
                Inputs.fields("Signature-Input: x=" + parameters.text() + "\nSignature: x=:AA==:"),
                null)
            .orElseThrow()
            .parameters();
    Holds.equal(again.text(), parameters.text());
    Holds.equal(again.components(), parameters.components());
    Holds.equal(again.keyId(), parameters.keyId());
    Holds.equal(again.created(), parameters.created());
    SignatureBase base = SignatureBase.of(request);
    Holds.equal(base.masked(parameters).lines().count(), parameters.components().size() + 1L);
    String text;
    try {
      text = base.text(parameters);
    } catch (MalformedSignatureException lacking) {
      return;
    }
    Holds.equal(text.lines().count(), parameters.components().size() + 1L);
    Holds.that(text.chars().allMatch(c -> c < 0x7f), "nothing but ASCII");
  }

  /// `Content-Digest`.
  public static void contentDigest(byte[] input) {
    try {
      ContentDigest.of(Inputs.lines(Inputs.latin1(input)));
    } catch (MalformedSignatureException refused) {
      // the declared refusal
    }
  }

  /// The parameters of a query. Each value that is found is encoded in one way.
  public static void queryParameters(byte[] input) throws MalformedSignatureException {
    String query = Inputs.latin1(input);
    QueryParameters parameters;
    try {
      parameters = new QueryParameters(query);
    } catch (MalformedSignatureException refused) {
      return;
    }
    for (String pair : query.split("&", -1)) {
      String value;
      String name = pair.split("=", 2)[0];
      try {
        value = parameters.value(name);
      } catch (MalformedSignatureException refused) {
        continue;
      }
      Holds.equal(new QueryParameters(name + "=" + value).value(name), value);
    }
  }
}
