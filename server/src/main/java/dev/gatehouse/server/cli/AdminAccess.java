package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How the administrator reaches the gate: the address of the admin API and a key for it, kept in
/// the data folder where only the owner can read it.
record AdminAccess(String baseUrl, String apiKey) {

  private static final String ACCOUNT = "administrator";

  /// Writes the address of this start beside the key of the first; makes account and key when the
  /// folder has none that is good.
  static AdminAccess keep(DataFolder folder, String baseUrl, Accounts accounts, ApiKeys keys) {
    AdminAccess access =
        kept(folder, keys)
            .map(key -> new AdminAccess(baseUrl, key))
            .orElseGet(() -> new AdminAccess(baseUrl, issue(accounts, keys)));
    folder.writePrivate(
        RunningGate.FILE,
        new JsonObject()
                .put("baseUrl", access.baseUrl)
                .put("apiKey", access.apiKey)
                .encodePrettily()
            + "\n");
    return access;
  }

  private static Optional<String> kept(DataFolder folder, ApiKeys keys) {
    try {
      return folder
          .readPrivate(RunningGate.FILE)
          .map(text -> new JsonObject(text).getString("apiKey", ""))
          .filter(keys::isGood);
    } catch (DecodeException | ClassCastException damaged) {
      return Optional.empty();
    }
  }

  private static String issue(Accounts accounts, ApiKeys keys) {
    if (accounts.find(ACCOUNT).isEmpty()) {
      accounts.add(Account.Kind.SERVICE, ACCOUNT, null, Set.of(), Scopes.of(AdminApi.SCOPE));
    }
    return switch (keys.issue(
        new ApiKeys.Request(
            ACCOUNT, "data folder", Scopes.of(AdminApi.SCOPE), null, List.of(), null))) {
      case ApiKeys.Issuance.Issued issued -> issued.secret();
      case ApiKeys.Issuance.Refused refused ->
          throw new StartupException("no administrator could be made: " + refused.why());
      case ApiKeys.Issuance.NotFound() -> throw new AssertionError("issuing finds nothing");
    };
  }

  /// Names the address only.
  @Override
  public String toString() {
    return "AdminAccess[" + baseUrl + "]";
  }
}
