package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.JsonObject;

/// How the administrator reaches the gate: the address of the admin API and a key for it, kept in
/// the data folder where only the owner can read it.
record AdminAccess(String baseUrl, String apiKey) {

  private static final OwnKey KEY =
      new OwnKey("administrator", "data folder", Scopes.of(AdminApi.SCOPE));

  /// Writes the address of this start beside the key of the first; makes account and key when the
  /// folder has none that is good.
  static AdminAccess keep(DataFolder folder, String baseUrl, Accounts accounts, ApiKeys keys) {
    AdminAccess access = new AdminAccess(baseUrl, KEY.in(folder, RunningGate.FILE, accounts, keys));
    folder.writePrivate(
        RunningGate.FILE,
        new JsonObject()
                .put("baseUrl", access.baseUrl)
                .put("apiKey", access.apiKey)
                .encodePrettily()
            + "\n");
    return access;
  }

  /// Names the address only.
  @Override
  public String toString() {
    return "AdminAccess[" + baseUrl + "]";
  }
}
