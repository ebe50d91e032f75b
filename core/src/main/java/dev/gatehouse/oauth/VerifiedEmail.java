package dev.gatehouse.oauth;

import dev.gatehouse.account.Accounts;
import java.util.Optional;

/// An e-mail address that a provider says it verified, in the form in which accounts store it.
/// Immutable.
///
/// @param domain the part after the `@`, as DNS knows it; empty if it is not a domain
record VerifiedEmail(String address, Optional<String> domain) {

  /// Returns the verified address of an identity; empty if it has none.
  static Optional<VerifiedEmail> of(VerifiedIdentity who) {
    String told = who.email();
    return told != null && who.emailVerified() ? read(told) : Optional.empty();
  }

  /// Parses an address that can be compared with a verified one. A letter that becomes another one
  /// when it is folded, such as the Kelvin sign, is refused: the provider verified one mailbox, and
  /// the folded address may be that of somebody else.
  static Optional<VerifiedEmail> read(String text) {
    return Accounts.email(text)
        .filter(address -> address.indexOf('\ufffd') < 0)
        .filter(address -> address.equals(EmailDomain.asciiLowerCase(text)))
        .map(address -> new VerifiedEmail(address, EmailDomain.of(domain(address))));
  }

  // Accounts ensures that an address has exactly one @.
  private static String domain(String address) {
    return address.substring(address.indexOf('@') + 1);
  }

  /// Contains nothing of the address.
  @Override
  public String toString() {
    return "VerifiedEmail[…]";
  }
}
