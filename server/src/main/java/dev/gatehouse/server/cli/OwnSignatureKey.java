package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A key to sign with that the gate issues to a service of its own and keeps in a file of the data
/// folder: for the demo.
///
/// @param account the service's name
/// @param name the key's
/// @param scopes what it needs
record OwnSignatureKey(String account, String name, Scopes scopes) {

  /// A key and its secret.
  record Signer(String keyId, String secret) {

    /// Names the key only.
    @Override
    public String toString() {
      return "Signer[" + keyId + "]";
    }
  }

  /// The key in that file as long as it is good, else a new one.
  ///
  /// A service that was disabled, or lost a scope, stays so: the key is issued to another, whose
  /// name has a number.
  Signer in(DataFolder folder, String file, Accounts accounts, SignatureKeys keys) {
    for (int number = 1; ; number++) {
      String owner = number == 1 ? account : account + "-" + number;
      Optional<Account> found = accounts.find(owner);
      if (found.isEmpty()) {
        var _ = accounts.add(Account.Kind.SERVICE, owner, null, Set.of(), scopes);
        return issue(owner, keys);
      }
      if (!found.get().disabled() && accounts.scopesOf(found.get()).containsAll(scopes)) {
        return kept(folder, file)
            .filter(kept -> keys.isValid(kept.keyId, kept.secret))
            .orElseGet(() -> issue(owner, keys));
      }
    }
  }

  // A damaged file is as good as none: it is written anew.
  private static Optional<Signer> kept(DataFolder folder, String file) {
    try {
      return folder
          .readPrivate(file)
          .map(text -> new JsonObject(text).getJsonObject("hmac", new JsonObject()))
          .map(hmac -> new Signer(hmac.getString("keyId", ""), hmac.getString("secret", "")));
    } catch (DecodeException | ClassCastException damaged) {
      return Optional.empty();
    }
  }

  private Signer issue(String owner, SignatureKeys keys) {
    return switch (keys.issue(
        new SignatureKeys.Request(
            new CredentialRequest(owner, name, scopes, null, List.of(), null),
            new SignatureKeys.Material.NewSecret(),
            null,
            Set.of()))) {
      case CredentialIssuance.Issued<StoredSignatureKey> issued ->
          new Signer(issued.credential().id(), issued.newSecret());
      case CredentialIssuance.Refused<StoredSignatureKey>(String why) ->
          throw new StartupException("no key could be issued to '" + owner + "': " + why);
      case CredentialIssuance.NotFound<StoredSignatureKey> none ->
          throw new AssertionError("issuing finds nothing");
    };
  }
}
