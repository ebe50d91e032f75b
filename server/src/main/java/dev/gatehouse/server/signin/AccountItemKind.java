package dev.gatehouse.server.signin;

import dev.gatehouse.account.Account;
import dev.gatehouse.server.signin.AccountPage.Entry;
import dev.gatehouse.server.signin.AccountPage.Section;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One kind of item on the account page, for example sessions or API keys: how its items are read,
/// shown and ended.
///
/// @param section whose entries these are; without any
/// @param rows of an account (its id) behind an id, up to that many, in the order of their ids
/// @param find that of an id, whosever it may be
/// @param whose the id and the owner's
/// @param isValid whether it still proves anybody
/// @param lastUsed for the order in which they are shown; null: never
/// @param ending what comes of ending it
/// @param warning what is asked once more before that; null: nothing. What has one also takes a
///   recent sign-in
record AccountItemKind<T>(
    Section section,
    Rows<T> rows,
    BiFunction<Person, String, Optional<T>> find,
    Function<T, Whose> whose,
    Predicate<T> isValid,
    BiFunction<T, Person, @Nullable Instant> lastUsed,
    BiFunction<T, Person, Entry> entry,
    BiFunction<Person, String, Ending> ending,
    @Nullable Warning warning) {

  /// How many of a kind are shown.
  static final int MAX_SHOWN = 50;

  // Items that were revoked or have expired are between the valid ones, and are skipped.
  private static final int MAX_READ = 1_000;
  private static final int ROWS_PER_READ = 100;

  /// Reads rows; may block.
  @FunctionalInterface
  interface Rows<T> {
    List<T> of(String account, @Nullable String after, int limit);
  }

  /// The id by which an item is found, and the id of its owner.
  record Whose(String id, String owner) {}

  /// The question of the page that asks for confirmation.
  record Warning(String question, String text) {}

  /// The result of ending an item.
  sealed interface Ending {

    /// The item was ended.
    record Done() implements Ending {}

    /// The item was ended, and with it every sign-in of the person. This browser gets a new
    /// session.
    record SignedOut(Account account) implements Ending {}

    /// There was no such item any more.
    record Gone() implements Ending {}

    /// It was not ended.
    record Refused(String why) implements Ending {}
  }

  /// The valid items of the person, the last used first.
  Section of(Person person) {
    List<T> good = new ArrayList<>();
    String after = null;
    boolean more = false;
    for (int read = 0; ; read += ROWS_PER_READ) {
      if (good.size() > MAX_SHOWN || read >= MAX_READ) {
        more = true;
        break;
      }
      List<T> page = rows.of(person.account().id(), after, ROWS_PER_READ);
      page.stream().filter(isValid).forEach(good::add);
      if (page.size() < ROWS_PER_READ) {
        break;
      }
      after = whose.apply(page.getLast()).id();
    }
    more |= good.size() > MAX_SHOWN;
    List<Entry> entries =
        good.stream()
            .sorted(
                Comparator.comparing(
                    one -> lastUsed.apply(one, person),
                    Comparator.nullsLast(Comparator.<Instant>reverseOrder())))
            .limit(MAX_SHOWN)
            .map(one -> entry.apply(one, person))
            .toList();
    return new Section(section.id(), section.heading(), section.none(), entries, more);
  }

  /// The valid item of the person with that id; empty if the person has no such item.
  Optional<Entry> of(Person person, String id) {
    return find.apply(person, id)
        .filter(one -> whose.apply(one).owner().equals(person.account().id()))
        .filter(isValid)
        .map(one -> entry.apply(one, person));
  }
}
