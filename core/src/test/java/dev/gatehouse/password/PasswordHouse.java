package dev.gatehouse.password;

import dev.gatehouse.Gate;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.basic.BasicAuthenticator;
import dev.gatehouse.basic.BasicSettings;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.SignInAttempts;
import dev.gatehouse.usage.Usage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Alice, who has a password, Bob, who has none, a shop, and all that proves them: real, and in
/// memory. Hashes are as cheap as the settings let them be.
public final class PasswordHouse implements AutoCloseable {

  /// Alice's password.
  public static final String PASSWORD = "correct horse battery staple";

  /// From where she signs in.
  public static final InetAddress HERE = Network.address("192.0.2.1");

  /// Cheap ones, with the limits of the default.
  public static final PasswordSettings CHEAP =
      new PasswordSettings(
          PasswordSettings.Scheme.ARGON2ID,
          10,
          7_168,
          1,
          1,
          12,
          1,
          256,
          Duration.ofMinutes(5),
          20,
          10);

  public final Time time = new Time();
  public final Roles roles = new Roles(Map.of("clerk", Scopes.of("orders:write")));
  public final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  public final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  public final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  public final InMemoryPasswordStore store = new InMemoryPasswordStore(accountStore);
  public final AtomicBoolean down = new AtomicBoolean();
  public final AtomicInteger lookUps = new AtomicInteger();
  public final FailedAttempts failedAttempts;
  public final PasswordHashes hashes;
  public final Passwords passwords;
  public final Account alice;

  /// With cheap hashes.
  public PasswordHouse() {
    this(new PasswordHashes(CHEAP), 1_000);
  }

  /// @param failures that an address is allowed a minute
  PasswordHouse(PasswordHashes hashes, int failures) {
    this.failedAttempts = new FailedAttempts(failures, time.ticker());
    this.hashes = hashes;
    this.passwords =
        new Passwords(
            CHEAP,
            new OwnSecrets(List.of(SecretForm.base62("sk_live_"))),
            hashes,
            watched(store),
            accounts,
            new SignInAttempts(20, 10, failedAttempts, time.ticker()),
            time.clock());
    this.alice = add(Account.Kind.PERSON, "alice", "alice@example.com");
    add(Account.Kind.PERSON, "bob", "bob@example.com");
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.NONE);
    if (!(passwords.set("alice", PASSWORD) instanceof Passwords.Change.Done)) {
      throw new AssertionError("alice has no password");
    }
    lookUps.set(0);
  }

  private Account add(Account.Kind kind, String name, String email) {
    return ((Accounts.Change.Done)
            accounts.add(kind, name, email, Set.of("clerk"), Scopes.of("orders:read")))
        .account();
  }

  // The same store, which counts what it is asked and can be switched off.
  private PasswordStore watched(PasswordStore real) {
    return (PasswordStore)
        Proxy.newProxyInstance(
            PasswordStore.class.getClassLoader(),
            new Class<?>[] {PasswordStore.class},
            (proxy, method, arguments) -> {
              lookUps.incrementAndGet();
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getTargetException();
              }
            });
  }

  /// A gate that takes Basic.
  public Gate gate() {
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    return new Gate(
        List.of(new BasicAuthenticator(new BasicSettings("orders"), passwords, roles)),
        revocations,
        failedAttempts,
        new Usage(),
        time.clock(),
        time.ticker());
  }

  @Override
  public void close() {
    hashes.close();
  }
}
