package dev.gatehouse.oauth;

import java.util.Set;

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
    emails = Set.copyOf(emails);
    emailDomains = Set.copyOf(emailDomains);
    organisations = Set.copyOf(organisations);
  }
}
