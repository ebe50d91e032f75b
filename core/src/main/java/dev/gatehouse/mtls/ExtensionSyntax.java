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

/// How names are written in extensions (RFC 5280 §4.2.1.6).
final class ExtensionSyntax {

  private static final int MAX_URI_CHARS = 2048;

  // RFC 1034 §3.5, RFC 1123 §2.1: letters, digits and inner hyphens; the last label is no number,
  // or the whole would be an address.
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?=.{1,253}\\z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
              + "(?![0-9]+\\z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

  // RFC 5321 §4.1.2: a dot-string, never a quoted one, at a domain name.
  private static final Pattern LOCAL_PART =
      Pattern.compile(
          "(?=.{1,64}\\z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

  private ExtensionSyntax() {}

  static boolean isDnsName(String text) {
    return DNS_NAME.matcher(text).matches();
  }

  static boolean isMailbox(String text) {
    int at = text.lastIndexOf('@');
    return at > 0
        && LOCAL_PART.matcher(text.substring(0, at)).matches()
        && isDnsName(text.substring(at + 1));
  }

  /// The text of a DNS name, an e-mail address or a URI.
  static String text(GeneralName name) {
    return ASN1IA5String.getInstance(name.getName()).getString();
  }

  /// What is wrong with a name of a subject; null: nothing.
  static @Nullable String nameFault(GeneralName name) {
    return switch (name.getTagNo()) {
      case GeneralName.dNSName ->
          // A wildcard is not a client's name, and no name constraint is sure to hold it
          // (RFC 9525 §6.3 has it for servers only).
          isDnsName(text(name)) ? null : "has a DNS name that is none, or a wildcard";
      case GeneralName.rfc822Name ->
          isMailbox(text(name)) ? null : "has an e-mail address that is none";
      case GeneralName.uniformResourceIdentifier ->
          isAbsoluteUri(text(name)) ? null : "has a URI that is none";
      case GeneralName.iPAddress -> {
        int bytes = ASN1OctetString.getInstance(name.getName()).getOctets().length;
        yield bytes == 4 || bytes == 16 ? null : "has an IP address that is none";
      }
      case GeneralName.directoryName, GeneralName.otherName, GeneralName.registeredID -> null;
      default -> "has a name of an unknown kind";
    };
  }

  // RFC 5280 §4.2.1.6: absolute, with a scheme and what belongs to it.
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

  /// What is wrong with where the issuer says it can be asked (RFC 5280 §4.2.2.1); null: nothing.
  /// Nobody is asked there.
  static @Nullable String accessFault(Extension extension) {
    AuthorityInformationAccess access =
        AuthorityInformationAccess.getInstance(extension.getParsedValue());
    AccessDescription[] descriptions = access.getAccessDescriptions();
    for (AccessDescription description : descriptions) {
      GeneralName place = description.getAccessLocation();
      if (place.getTagNo() == GeneralName.uniformResourceIdentifier
          && !isAbsoluteUri(text(place))) {
        return "has a place to ask its issuer that is none";
      }
    }
    return descriptions.length == 0 ? "has no place to ask its issuer, and says it has" : null;
  }
}
