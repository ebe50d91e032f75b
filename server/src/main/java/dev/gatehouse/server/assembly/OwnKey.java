package dev.gatehouse.server.assembly;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A key that the gate issues to a service of its own and keeps in a file of the data folder.
///
/// @param account the service's name
/// @param name the key's
/// @param scopes what it needs
/// @param networks from where it may be used; empty: from anywhere
public record OwnKey(String account, String name, Scopes scopes, List<Network> networks) {

  /// The key in that file as long as it is good, else a new one; its text.
  ///
  /// A service that was disabled, or lost a scope, stays so: the key is issued to another, whose
  /// name has a number. Otherwise whoever took its rights could never start the gate again.
  public String in(DataFolder folder, String file, Accounts accounts, ApiKeys keys) {
    for (int number = 1; ; number++) {
      String owner = number == 1 ? account : account + "-" + number;
      Optional<Account> found = accounts.find(owner);
      if (found.isEmpty()) {
        var _ = accounts.add(Account.Kind.SERVICE, owner, null, Set.of(), scopes);
        return issue(owner, keys);
      }
      if (!found.get().disabled() && accounts.scopesOf(found.get()).containsAll(scopes)) {
        return kept(folder, file).filter(keys::isValid).orElseGet(() -> issue(owner, keys));
      }
    }
  }

  // A damaged file is as good as none: it is written anew.
  private static Optional<String> kept(DataFolder folder, String file) {
    try {
      return folder.readPrivate(file).map(text -> new JsonObject(text).getString("apiKey", ""));
    } catch (DecodeException | ClassCastException damaged) {
      return Optional.empty();
    }
  }

  private String issue(String owner, ApiKeys keys) {
    return switch (keys.issue(new CredentialRequest(owner, name, scopes, null, networks, null))) {
      case CredentialIssuance.Issued<StoredApiKey> issued -> issued.newSecret();
      case CredentialIssuance.Refused<StoredApiKey> refused ->
          throw new StartupException("no key could be issued to '" + owner + "': " + refused.why());
      case CredentialIssuance.NotFound<StoredApiKey> none ->
          throw new AssertionError("issuing finds nothing");
    };
  }
}
