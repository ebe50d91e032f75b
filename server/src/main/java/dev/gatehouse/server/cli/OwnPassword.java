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

  /// Who signs in, and with what.
  record SignIn(String name, String email, String password) {

    /// Names the person only.
    @Override
    public String toString() {
      return "SignIn[" + name + "]";
    }
  }

  /// The password in that file as long as it is good, else a new one.
  ///
  /// A person who was disabled, or lost a scope, stays so: the password is another's, whose name
  /// has a number.
  SignIn in(DataFolder folder, String file, Accounts accounts, Passwords passwords) {
    for (int number = 1; ; number++) {
      String suffix = number == 1 ? "" : "-" + number;
      String person = name + suffix;
      String address = email.replace("@", suffix + "@");
      Optional<Account> found = accounts.find(person);
      if (found.isEmpty()) {
        var _ = accounts.add(Account.Kind.PERSON, person, address, Set.of(), scopes);
        return new SignIn(person, address, set(person, passwords));
      }
      if (!found.get().disabled() && accounts.scopesOf(found.get()).containsAll(scopes)) {
        String password =
            kept(folder, file)
                .filter(kept -> isValid(person, kept, passwords))
                .orElseGet(() -> set(person, passwords));
        return new SignIn(person, address, password);
      }
    }
  }

  private static boolean isValid(String person, String password, Passwords passwords) {
    return passwords.verify(person, password, InetAddress.getLoopbackAddress())
        instanceof Passwords.Verification.Verified;
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

  private static String set(String person, Passwords passwords) {
    String password = RandomIds.text(CHARS);
    if (passwords.set(person, password) instanceof Passwords.Change.Done) {
      return password;
    }
    throw new StartupException("no password could be set for '" + person + "'");
  }
}
