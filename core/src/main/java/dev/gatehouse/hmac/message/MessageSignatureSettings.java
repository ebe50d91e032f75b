package dev.gatehouse.hmac.message;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.Parameters;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.jspecify.annotations.Nullable;

/// Settings of HTTP Message Signatures (RFC 9421). Immutable.
///
/// @param components the components that each signature must cover; a signature of a request with a
///   body must also cover `content-digest`
/// @param nonceRequired whether each signature must have a nonce; if not, two equal requests within
///   one second count as a replay
/// @param label the label of the signature that is verified; null: the request must have exactly
///   one signature, and it is verified
/// @param tag the tag that the signature must have (RFC 9421 §2.3); null: any tag, or none
public record MessageSignatureSettings(
    List<String> components, boolean nonceRequired, @Nullable String label, @Nullable String tag) {

  private static final int MAX_REQUIRED_COMPONENTS = 16;
  private static final String DEFAULT_LABEL = "sig";

  // RFC 9421 §2.3.
  private static final Set<String> PARAMETERS =
      Set.of("created", "expires", "nonce", "alg", "keyid", "tag");

  /// Checks the values. Throws [IllegalArgumentException], whose message gives the rule, if a
  /// component is unknown or listed twice, if the method and the whole target are not covered, or
  /// if the label or the tag is malformed.
  public MessageSignatureSettings {
    components = List.copyOf(components);
    if (components.size() > MAX_REQUIRED_COMPONENTS) {
      throw new IllegalArgumentException(
          "at most " + MAX_REQUIRED_COMPONENTS + " components are required");
    }
    Set<String> names = new HashSet<>();
    for (String name : components) {
      CoveredComponent.plain(name);
      if (PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            name + " is no component but a parameter of the signature");
      }
      if (!names.add(name)) {
        throw new IllegalArgumentException("the component " + name + " is required twice");
      }
    }
    // A part that is not covered can be changed in transit without breaking the signature.
    boolean place =
        names.contains("@target-uri")
            || (names.contains("@authority")
                && (names.contains("@request-target")
                    || names.containsAll(Set.of("@path", "@query"))));
    if (!names.contains("@method") || !place) {
      throw new IllegalArgumentException(
          "a signature covers at least @method, and @target-uri or what it is made of"
              + " (@authority with @request-target, or with @path and @query)");
    }
    if (label != null && !isKey(label)) {
      throw new IllegalArgumentException(
          "a label has lower-case letters, digits, and _ - . *, and begins with a letter or *");
    }
    if (tag != null && (tag.isEmpty() || !isVisible(tag))) {
      throw new IllegalArgumentException("a tag has visible ASCII characters");
    }
  }

  /// The defaults: a signature covers the method and the target URI, has a nonce, and is the only
  /// one.
  public static MessageSignatureSettings defaults() {
    return new MessageSignatureSettings(List.of("@method", "@target-uri"), true, null, null);
  }

  /// The value of `Accept-Signature` that asks for such a signature (RFC 9421 §5.1).
  ///
  /// @param nonce a nonce that the client may use; the gate accepts every other nonce too
  String acceptSignature(String nonce) {
    List<Item<?>> items = new ArrayList<>();
    components.forEach(name -> items.add(StringItem.valueOf(name)));
    if (!components.contains(ContentDigest.FIELD)) {
      items.add(StringItem.valueOf(ContentDigest.FIELD));
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    // RFC 9421 §5.1: created without a value asks the client to set the time. The other parameters
    // have the value that is asked for.
    parameters.put("created", BooleanItem.valueOf(true));
    if (nonceRequired) {
      parameters.put("nonce", StringItem.valueOf(nonce));
    }
    if (tag != null) {
      parameters.put("tag", StringItem.valueOf(tag));
    }
    InnerList wanted = InnerList.valueOf(items).withParams(Parameters.valueOf(parameters));
    return Dictionary.valueOf(Map.of(label == null ? DEFAULT_LABEL : label, wanted)).serialize();
  }

  private static boolean isKey(String text) {
    try {
      return Parser.parseKey(text).equals(text);
    } catch (IllegalArgumentException no) {
      return false;
    }
  }

  private static boolean isVisible(String text) {
    return text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }
}
