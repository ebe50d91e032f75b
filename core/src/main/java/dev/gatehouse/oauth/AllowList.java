package dev.gatehouse.oauth;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Which people of a provider get an account without an invitation, and whether a verified e-mail
/// address links them to an existing account. Accounts that are made this way have no scope.
/// Immutable.
///
/// @param anyone whether everybody gets an account
/// @param emails verified addresses of people who get an account
/// @param emailDomains domains of verified addresses: exactly the part after the `@`
/// @param organisations organisations at the provider, any of which is enough
/// @param linkByEmail whether somebody with the verified address of an existing account is its
///   owner
public record AllowList(
    boolean anyone,
    Set<String> emails,
    Set<String> emailDomains,
    Set<String> organisations,
    boolean linkByEmail) {

  /// Only people who are linked or invited may sign in.
  public static final AllowList NOBODY = new AllowList(false, Set.of(), Set.of(), Set.of(), false);

  /// Normalizes all entries. Throws [IllegalArgumentException] that names the entry that is not an
  /// e-mail address, a domain or an organisation.
  public AllowList {
    for (String email : emails) {
      // RFC 5322 §3.2.3 allows a '*' in an address; here it is probably meant as a wildcard.
      if (email.contains("*")) {
        throw new IllegalArgumentException(
            "'"
                + email
                + "' is no e-mail address: a '*' stands for nothing here; for all addresses of a"
                + " domain, write the domain in 'emailDomains'");
      }
    }
    emails = checked(emails, AllowList::email, "is no e-mail address");
    emailDomains =
        checked(emailDomains, EmailDomain::of, "is no domain; write what stands behind the @");
    organisations = checked(organisations, AllowList::organisation, "is no organisation");
  }

  private static Set<String> checked(
      Set<String> given, Function<String, Optional<String>> read, String wrong) {
    return given.stream()
        .map(
            one ->
                read.apply(one)
                    .orElseThrow(() -> new IllegalArgumentException("'" + one + "' " + wrong)))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Optional<String> email(String text) {
    return VerifiedEmail.read(text).map(VerifiedEmail::address);
  }

  // GitHub compares the names of organisations without regard to case, as it does those of people.
  private static Optional<String> organisation(String text) {
    return text.isBlank() || text.contains("*")
        ? Optional.empty()
        : Optional.of(EmailDomain.asciiLowerCase(text));
  }

  /// Whether a person who is not linked yet gets an account.
  boolean admits(VerifiedIdentity who) {
    return anyone
        || VerifiedEmail.of(who).filter(this::lists).isPresent()
        || who.organisations().stream()
            .flatMap(one -> organisation(one).stream())
            .anyMatch(organisations::contains);
  }

  /// Whether the operator trusts the provider with that address. Then it may link an account, or be
  /// given to a new one.
  boolean trustsAddress(VerifiedEmail email) {
    return linkByEmail || lists(email);
  }

  /// Whether the list admits the owner of that address.
  boolean lists(VerifiedEmail email) {
    return emails.contains(email.address())
        || email.domain().filter(emailDomains::contains).isPresent();
  }
}
