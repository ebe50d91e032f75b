package dev.gatehouse.mtls;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.jspecify.annotations.Nullable;

/// Checks the syntax of names in extensions (RFC 5280 §4.2.1.6). Thread-safe; does not block.
final class ExtensionSyntax {

  private static final int MAX_URI_CHARS = 2048;

  // RFC 1034 §3.5, RFC 1123 §2.1: letters, digits and inner hyphens. The last label is not a
  // number, because the text could then be an IP address.
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?=.{1,253}\\z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
              + "(?![0-9]+\\z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

  // RFC 5321 §4.1.2: a dot-string at a domain name. Quoted strings are refused.
  private static final Pattern LOCAL_PART =
      Pattern.compile(
          "(?=.{1,64}\\z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

  private ExtensionSyntax() {}

  /// Returns true if the text is the DNS name of a host. A wildcard is not.
  static boolean isDnsName(String text) {
    return DNS_NAME.matcher(text).matches();
  }

  /// Returns true if the text is an e-mail address.
  static boolean isMailbox(String text) {
    int at = text.lastIndexOf('@');
    return at > 0
        && LOCAL_PART.matcher(text.substring(0, at)).matches()
        && isDnsName(text.substring(at + 1));
  }

  /// The text of a name that is a DNS name, an e-mail address or a URI.
  static String text(GeneralName name) {
    return ASN1IA5String.getInstance(name.getName()).getString();
  }

  /// Returns what is wrong with a subject alternative name, in words for operators; null if nothing
  /// is wrong.
  static @Nullable String nameFault(GeneralName name) {
    return switch (name.getTagNo()) {
      case GeneralName.dNSName ->
          // A client has no wildcard name: RFC 9525 §6.3 defines wildcards for servers only. A name
          // constraint might not apply to it.
          isDnsName(text(name)) ? null : "has a DNS name that is invalid or a wildcard";
      case GeneralName.rfc822Name -> isMailbox(text(name)) ? null : "has an invalid e-mail address";
      case GeneralName.uniformResourceIdentifier ->
          isAbsoluteUri(text(name)) ? null : "has an invalid URI";
      case GeneralName.iPAddress -> {
        int bytes = ASN1OctetString.getInstance(name.getName()).getOctets().length;
        yield bytes == 4 || bytes == 16 ? null : "has an invalid IP address";
      }
      case GeneralName.directoryName, GeneralName.otherName, GeneralName.registeredID -> null;
      default -> "has a name of an unknown kind";
    };
  }

  // RFC 5280 §4.2.1.6: a URI is absolute, and has a scheme and a scheme-specific part.
  private static boolean isAbsoluteUri(String text) {
    if (text.length() > MAX_URI_CHARS || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      return false;
    }
    try {
      return new URI(text).isAbsolute();
    } catch (URISyntaxException broken) {
      return false;
    }
  }

  /// Returns what is wrong with an authority information access extension (RFC 5280 §4.2.2.1), in
  /// words for operators; null if nothing is wrong. The gate does not contact the places that the
  /// extension names.
  static @Nullable String accessFault(Extension extension) {
    AuthorityInformationAccess access =
        AuthorityInformationAccess.getInstance(extension.getParsedValue());
    AccessDescription[] descriptions = access.getAccessDescriptions();
    for (AccessDescription description : descriptions) {
      GeneralName place = description.getAccessLocation();
      if (place.getTagNo() == GeneralName.uniformResourceIdentifier
          && !isAbsoluteUri(text(place))) {
        return "has an invalid URI in its authority information access";
      }
    }
    return descriptions.length == 0 ? "has an empty authority information access" : null;
  }
}
