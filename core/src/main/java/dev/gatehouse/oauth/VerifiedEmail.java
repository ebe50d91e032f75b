package dev.gatehouse.oauth;

import dev.gatehouse.account.Accounts;
import java.util.Optional;

/// An e-mail address that a provider says it verified, in the form in which accounts keep it.
///
/// @param domain what stands behind the `@`, as DNS knows it; empty when it is no domain
record VerifiedEmail(String address, Optional<String> domain) {

  /// The verified address of an identity; empty when it has none.
  static Optional<VerifiedEmail> of(VerifiedIdentity who) {
    String told = who.email();
    return told != null && who.emailVerified() ? read(told) : Optional.empty();
  }

  /// That text as an address that can be compared with a verified one. The provider verified one
  /// mailbox: a letter that merely becomes another when it is folded, as the Kelvin sign becomes a
  /// k, would make it somebody else's. The replacement character stands for bytes that could not be
  /// read, so it may stand for several mailboxes.
  static Optional<VerifiedEmail> read(String text) {
    return Accounts.email(text)
        .filter(address -> address.indexOf('\ufffd') < 0)
        .filter(address -> address.equals(EmailDomain.asciiLowerCase(text)))
        .map(address -> new VerifiedEmail(address, EmailDomain.of(domain(address))));
  }

  // An address has one @ exactly: Accounts sees to that.
  private static String domain(String address) {
    return address.substring(address.indexOf('@') + 1);
  }

  /// Says nothing of the address: it is somebody's.
  @Override
  public String toString() {
    return "VerifiedEmail[…]";
  }
}
