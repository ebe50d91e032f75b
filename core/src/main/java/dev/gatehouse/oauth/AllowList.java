package dev.gatehouse.oauth;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Which people of a provider get an account without having been invited, and whether a verified
/// e-mail address links them to the account that is here. Without a scope, whoever it lets in.
///
/// @param emails of whom the provider says that it verified the address
/// @param emailDomains what stands behind the `@` of a verified address, exactly
/// @param organisations at the provider, any of which will do
/// @param linkByEmail whether somebody with the verified address of an account here is its owner
public record AllowList(
    boolean anyone,
    Set<String> emails,
    Set<String> emailDomains,
    Set<String> organisations,
    boolean linkByEmail) {

  /// Only who is linked or invited.
  public static final AllowList NOBODY = new AllowList(false, Set.of(), Set.of(), Set.of(), false);

  /// Brings all into the form in which they are compared. Throws [IllegalArgumentException] that
  /// says which one is no e-mail address, no domain or no organisation.
  public AllowList {
    for (String email : emails) {
      // RFC 5322 §3.2.3 allows a '*' in an address; here it is meant as a wildcard.
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

  // GitHub tells organisations apart without regard to case, as it does people.
  private static Optional<String> organisation(String text) {
    return text.isBlank() || text.contains("*")
        ? Optional.empty()
        : Optional.of(EmailDomain.asciiLowerCase(text));
  }

  /// Whether somebody unknown gets an account.
  boolean admits(VerifiedIdentity who) {
    return anyone
        || VerifiedEmail.of(who).filter(this::lists).isPresent()
        || who.organisations().stream()
            .flatMap(one -> organisation(one).stream())
            .anyMatch(organisations::contains);
  }

  /// Whether the operator trusts the provider with that address: it may link an account to it, or
  /// give it to a new one.
  boolean trustsAddress(VerifiedEmail email) {
    return linkByEmail || lists(email);
  }

  /// Whether it lets the owner of that address in.
  boolean lists(VerifiedEmail email) {
    return emails.contains(email.address())
        || email.domain().filter(emailDomains::contains).isPresent();
  }
}
