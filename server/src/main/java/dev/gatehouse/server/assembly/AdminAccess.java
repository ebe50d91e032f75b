package dev.gatehouse.server.assembly;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.JsonObject;
import java.util.List;

/// How the administrator reaches the gate: the address of the admin API and a key for it, kept in
/// the data folder where only the owner can read it.
public record AdminAccess(String baseUrl, String apiKey) {

  /// The file in the data folder that says where the admin listener is, and holds its credential.
  public static final String FILE = "admin.json";

  // The admin listener is on loopback: from anywhere else the key is of no use.
  private static final List<Network> LOOPBACK =
      List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

  private static final OwnKey KEY =
      new OwnKey("administrator", "data folder", Scopes.of(AdminApi.SCOPE), LOOPBACK);

  /// Writes the address of this start beside the key of the first; makes account and key when the
  /// folder has none that is good.
  static AdminAccess keep(DataFolder folder, String baseUrl, Accounts accounts, ApiKeys keys) {
    AdminAccess access = new AdminAccess(baseUrl, KEY.in(folder, FILE, accounts, keys));
    folder.writePrivate(
        FILE,
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
