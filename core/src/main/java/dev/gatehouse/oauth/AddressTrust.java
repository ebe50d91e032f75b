package dev.gatehouse.oauth;

import dev.gatehouse.account.Account;
import dev.gatehouse.password.PasswordStore;
import java.util.List;
import java.util.Map;

/// Which issuers the operator trusts with which e-mail addresses, by the configuration of now.
/// Thread-safe.
public final class AddressTrust {

  private final Map<String, List<AllowList>> byIssuer;
  private final PasswordStore passwords;

  /// @param byIssuer the allow-lists of all providers of an issuer, by its name
  public AddressTrust(Map<String, List<AllowList>> byIssuer, PasswordStore passwords) {
    this.byIssuer = Map.copyOf(byIssuer);
    this.passwords = passwords;
  }

  /// Whether an account that has the address may have it from someone whom the operator trusts with
  /// it. It may not when it has no password and its first link is of an issuer that is not trusted:
  /// earlier versions gave such an account whatever address the provider had verified. May block,
  /// and throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
  ///
  /// @param links of the account, in the order in which they were made
  boolean covers(VerifiedEmail email, Account account, List<Link> links) {
    return links.isEmpty() // an administrator made the account
        || byIssuer.getOrDefault(links.getFirst().issuer(), List.of()).stream()
            .anyMatch(allow -> allow.trustsWith(email))
        || passwords.byAccount(account.id()).filter(owned -> owned.password() != null).isPresent();
  }
}
