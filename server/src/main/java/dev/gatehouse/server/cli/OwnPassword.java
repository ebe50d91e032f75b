package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/// A person of the gate's own with a password that lies in a file of the data folder: for the demo.
///
/// @param name the user name
/// @param email the e-mail address
/// @param scopes what the person may do
record OwnPassword(String name, String email, Scopes scopes) {

  private static final int CHARS = 20;

  /// The password in that file as long as it is good, else a new one.
  String in(DataFolder folder, String file, Accounts accounts, Passwords passwords) {
    if (accounts.find(name).isEmpty()) {
      var _ = accounts.add(Account.Kind.PERSON, name, email, Set.of(), scopes);
    }
    return kept(folder, file)
        .filter(
            password ->
                passwords.verify(name, password, InetAddress.getLoopbackAddress())
                    instanceof Passwords.Verification.Verified)
        .orElseGet(() -> set(passwords));
  }

  // A damaged file is as good as none: it is written anew.
  private static Optional<String> kept(DataFolder folder, String file) {
    try {
      return folder
          .readPrivate(file)
          .map(text -> new JsonObject(text).getJsonObject("basic", new JsonObject()))
          .map(basic -> basic.getString("password", ""));
    } catch (DecodeException | ClassCastException damaged) {
      return Optional.empty();
    }
  }

  private String set(Passwords passwords) {
    String password = RandomIds.text(CHARS);
    if (passwords.set(name, password) instanceof Passwords.Change.Done) {
      return password;
    }
    throw new StartupException("no password could be set for '" + name + "'");
  }
}
