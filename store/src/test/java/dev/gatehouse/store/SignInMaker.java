package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.jwt.StoredRefreshToken;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.session.StoredSession;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A process that changes passwords, ends sessions and uses refresh tokens until it is killed, and
/// writes a line for each change once its store has acknowledged it. Its arguments: the database,
/// and a prefix for its ids.
final class SignInMaker {

  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final Instant END = NOW.plusSeconds(3600);
  private static final int WORKERS = 4;

  private SignInMaker() {}

  public static void main(String[] args) throws InterruptedException {
    KeyMaker.say("started");
    SqlDatabase database =
        SqlDatabase.open(
            Path.of(args[0]),
            new SqlSettings(Duration.ofMinutes(1), 1, WORKERS),
            Clock.systemUTC());
    for (int i = 0; i < WORKERS; i++) {
      String account = args[1] + "-" + i;
      Thread.ofPlatform().start(() -> signIn(database, account));
    }
    Thread.currentThread().join();
  }

  private static void signIn(SqlDatabase database, String account) {
    database.accounts().add(account(account));
    String family = "f-" + account;
    database
        .tokens()
        .add(
            new TokenFamily(family, account, "web", null, Integer.MAX_VALUE, NOW, END, null),
            token(family, 0));
    String before = null;
    for (int n = 1; ; n++) {
      before = changePassword(database, account, n, before);
      if (!database
          .tokens()
          .use(digest(family + "-" + (n - 1)), NOW, token(family, n), null, Duration.ZERO)
          .equals(new TokenStore.Use.Rotated())) {
        throw new IllegalStateException("a token that nobody else has was refused");
      }
      KeyMaker.say("spent " + family + " " + (n - 1));
      String session = "s-" + account + "-" + n;
      database
          .sessions()
          .add(
              new StoredSession(
                  session,
                  digest(session),
                  account,
                  n,
                  NOW,
                  NOW,
                  END,
                  NOW,
                  "agent",
                  "::1",
                  before));
      KeyMaker.say("began " + session);
      if (n % 2 == 0) {
        KeyMaker.require(database.sessions().end(session));
        KeyMaker.say("ended " + session);
      }
    }
  }

  /// Every third time by a link.
  private static String changePassword(
      SqlDatabase database, String account, int n, @Nullable String before) {
    String id = "p-" + account + "-" + n;
    StoredPassword password = new StoredPassword(id, account, "hash", NOW);
    if (n % 3 == 0) {
      KeyMaker.require(database.passwords().addReset(account, digest(id), END));
      KeyMaker.require(database.passwords().reset(digest(id), NOW, password));
    } else {
      KeyMaker.require(database.passwords().replace(password, before));
    }
    KeyMaker.say("changed " + account + " " + n);
    return id;
  }

  static Digest digest(String text) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static StoredRefreshToken token(String family, int number) {
    return new StoredRefreshToken(digest(family + "-" + number), family, END);
  }

  private static Account account(String id) {
    return new Account(
        id, Account.Kind.PERSON, id, null, new TreeSet<>(), Scopes.NONE, false, NOW, 0, 1);
  }
}
