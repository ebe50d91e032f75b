package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.account.Account;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.revocation.FeedEntry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `-Dgatehouse.kills=50` kills that often; the build does it twice.
@Tag("end-to-end")
class SignInCrashTest {

  private static final int KILLS = Integer.getInteger("gatehouse.kills", 2);
  private static final int PAGE = 1000;

  @TempDir private Path folder;

  /// What the killed processes were told was done, over all of them.
  private final List<String> acknowledged = new ArrayList<>();

  @Test
  @Timeout(300)
  void noChangeOfPasswordEndOfSessionOrUseOfATokenIsLostWhenTheProcessIsKilled() throws Exception {
    Path file = folder.resolve("gatehouse.db");
    // The seed is fixed; when the kill comes is as chance will have it.
    Random random = new Random(3);
    int wanted = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      int lines = 20 + random.nextInt(100);
      wanted += lines;
      acknowledged.addAll(KilledProcess.linesOf(SignInMaker.class, lines, 1, file, "k" + kill));

      KilledProcess.checkFile(file);
      checkState(file);
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(wanted);
  }

  private void checkState(Path file) throws SQLException {
    Map<String, Integer> rows = new HashMap<>();
    Set<String> sessions = new HashSet<>();
    SqlSettings patient = SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
    try (SqlDatabase database = SqlDatabase.open(file, patient, Clock.systemUTC());
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      long sequence = 0;
      for (List<FeedEntry> page = database.feed().after(sequence, PAGE);
          !page.isEmpty();
          page = database.feed().after(sequence, PAGE)) {
        page.forEach(row -> rows.merge(row.name(), 1, Integer::sum));
        sequence = page.getLast().sequence();
      }
      String last = null;
      for (var page = database.sessions().list(null, last, PAGE);
          !page.isEmpty();
          page = database.sessions().list(null, last, PAGE)) {
        page.forEach(owned -> sessions.add(owned.session().id()));
        last = page.getLast().session().id();
      }
      // Acknowledged or not, a change and its feed row stand together or not at all.
      assertThat(sessions).doesNotContainAnyElementsOf(rows.keySet());
      for (Account account : database.accounts().list(Account.Kind.PERSON, null, PAGE)) {
        checkPassword(account, database, rows.getOrDefault(account.id(), 0));
      }
      for (String line : acknowledged) {
        String[] word = line.split(" ", -1);
        switch (word[0]) {
          case "changed" ->
              assertThat(rows.getOrDefault(word[1], 0))
                  .as(line)
                  .isGreaterThanOrEqualTo(Integer.parseInt(word[2]));
          case "spent" -> {
            int number = Integer.parseInt(word[2]);
            assertThat(spent(connection, word[1] + "-" + number)).as(line).isEqualTo("spent");
            assertThat(spent(connection, word[1] + "-" + (number + 1)))
                .as(line)
                .isNotEqualTo("gone");
          }
          case "began" ->
              assertThat(sessions.contains(word[1]) || rows.containsKey(word[1])).as(line).isTrue();
          case "ended" -> {
            assertThat(sessions).as(line).doesNotContain(word[1]);
            assertThat(rows).as(line).containsEntry(word[1], 1);
          }
          default -> throw new AssertionError("an unknown line: " + line);
        }
      }
    }
  }

  /// The password, the account and the feed have seen the same number of changes.
  private static void checkPassword(Account account, SqlDatabase database, int changes) {
    assertThat(account.generation()).isEqualTo(changes);
    assertThat(account.version()).isEqualTo(1 + changes);
    PasswordStore.Owned owned = database.passwords().byAccount(account.id()).orElseThrow();
    StoredPassword password = owned.password();
    if (changes == 0) {
      assertThat(password).isNull();
    } else {
      assertThat(Objects.requireNonNull(password).id())
          .isEqualTo("p-" + account.id() + "-" + changes);
    }
  }

  private static String spent(Connection connection, String token) throws SQLException {
    try (PreparedStatement find =
        connection.prepareStatement(
            "SELECT CASE WHEN spent_at IS NULL THEN 'good' ELSE 'spent' END"
                + " FROM refresh_token WHERE digest = ?")) {
      find.setBytes(1, SignInMaker.digest(token).bytes());
      try (ResultSet row = find.executeQuery()) {
        return row.next() ? row.getString(1) : "gone";
      }
    }
  }
}
