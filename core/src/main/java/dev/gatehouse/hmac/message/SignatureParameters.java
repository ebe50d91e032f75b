package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.IntegerItem;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.StringItem;
import org.jspecify.annotations.Nullable;

/// The covered components and the parameters of a signature (RFC 9421 §2.3). Only the syntax is
/// checked. Immutable.
///
/// @param components the covered components in their order, without duplicates
/// @param created when the signature was made, in seconds since 1970
/// @param expires when the signature expires, in seconds since 1970; null: absent
/// @param nonce the nonce; null: absent
/// @param alg the algorithm that the signature names; the key decides which one is used; null:
///   absent
/// @param keyId the id of the key
/// @param tag the tag of the application; null: absent
/// @param member the parsed member of `Signature-Input`
record SignatureParameters(
    List<CoveredComponent> components,
    long created,
    @Nullable Long expires,
    @Nullable String nonce,
    @Nullable String alg,
    String keyId,
    @Nullable String tag,
    InnerList member) {

  static final int MAX_COMPONENTS = 32;
  private static final int MAX_STRING_CHARS = 256;

  /// Parses a member of `Signature-Input`. Throws if `created` or `keyid` is missing, if a
  /// parameter is unknown or has another type, or if a component is unknown or listed twice.
  static SignatureParameters of(InnerList member) throws MalformedSignatureException {
    Values values = new Values();
    for (Map.Entry<String, Item<?>> parameter : member.getParams().entrySet()) {
      values.take(parameter.getKey(), parameter.getValue());
    }
    if (values.created == null) {
      throw new MalformedSignatureException("The signature needs the parameter created");
    }
    if (values.keyId == null) {
      throw new MalformedSignatureException("The signature needs the parameter keyid");
    }
    return new SignatureParameters(
        components(member.get()),
        values.created,
        values.expires,
        values.nonce,
        values.alg,
        values.keyId,
        values.tag,
        member);
  }

  /// The last line of the signature base, without its name: the member, serialized again (RFC 9421
  /// §2.3, §3.2). So the white space of the request does not matter.
  String text() {
    return member.serialize();
  }

  /// Returns true if the signature covers the whole value of this component.
  boolean covers(String component) {
    for (CoveredComponent covered : components) {
      if (covered.covers(component)) {
        return true;
      }
    }
    return false;
  }

  private static List<CoveredComponent> components(List<Item<?>> items)
      throws MalformedSignatureException {
    if (items.size() > MAX_COMPONENTS) {
      throw new MalformedSignatureException(
          "A signature covers at most " + MAX_COMPONENTS + " components here");
    }
    List<CoveredComponent> components = new ArrayList<>(items.size());
    Set<CoveredComponent> seen = new HashSet<>();
    for (Item<?> item : items) {
      CoveredComponent component = CoveredComponent.of(item);
      // RFC 9421 §2: each identifier occurs once.
      if (!seen.add(component)) {
        throw new MalformedSignatureException(
            "The signature covers " + component.identifier() + " twice");
      }
      components.add(component);
    }
    return List.copyOf(components);
  }

  private static final class Values {
    @Nullable Long created;
    @Nullable Long expires;
    @Nullable String nonce;
    @Nullable String alg;
    @Nullable String keyId;
    @Nullable String tag;

    void take(String name, Item<?> value) throws MalformedSignatureException {
      switch (name) {
        case "created" -> created = time(name, value);
        case "expires" -> expires = time(name, value);
        case "nonce" -> nonce = text(name, value);
        case "alg" -> alg = text(name, value);
        case "keyid" -> keyId = text(name, value);
        case "tag" -> tag = text(name, value);
        // An unknown parameter may restrict the signature in a way that this code does not know.
        default ->
            throw new MalformedSignatureException(
                "The signature's parameter " + name + " is not understood here");
      }
    }

    // RFC 9421 §2.3: an Integer, and not a Decimal or a Date.
    private static long time(String name, Item<?> value) throws MalformedSignatureException {
      if (value instanceof IntegerItem seconds && seconds.get() >= 0) {
        return seconds.get();
      }
      throw new MalformedSignatureException(
          "The signature's " + name + " is whole seconds since 1970, as plain digits");
    }

    private static String text(String name, Item<?> value) throws MalformedSignatureException {
      if (value instanceof StringItem text
          && !text.get().isEmpty()
          && text.get().length() <= MAX_STRING_CHARS) {
        return text.get();
      }
      throw new MalformedSignatureException(
          "The signature's "
              + name
              + " is a quoted string of 1 to "
              + MAX_STRING_CHARS
              + " characters");
    }
  }
}
