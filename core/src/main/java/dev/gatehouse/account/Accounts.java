package dev.gatehouse.account;

import dev.gatehouse.Scopes;
import dev.gatehouse.secret.RandomIds;
import java.text.Normalizer;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Adds, changes and disables accounts. Thread-safe; every call may block.
public final class Accounts {

  /// What came of a change.
  public sealed interface Change {

    /// It was made; this is the account now.
    record Done(Account account) implements Change {}

    /// It was not made, and nothing changed.
    record Refused(String why) implements Change {}

    /// There is no such account.
    record NotFound() implements Change {}
  }

  // The longest text that can be somebody's name or e-mail address, in UTF-16 and before it is
  // folded. Four times the longest address: no text is longer than that in another normal form
  // (UAX #15).
  private static final int MAX_LOOKUP_CHARS = 4 * (64 + 1 + 189);

  private static final Pattern NAME_PATTERN = Pattern.compile("[a-z0-9][a-z0-9._+-]{0,63}");
  // Accounts are found by name or id: a name must not stand for somebody else's id.
  private static final Pattern ID_PATTERN = Pattern.compile("[us]_[0-9a-z]{22}");
  // Nor for an e-mail address: it holds no @. Nothing in an address is unseen, or not assigned
  // (RFC 8264 §4.2 allows neither), so that no two look alike by it; nor a colon, at which Basic
  // would cut it (RFC 7617 §2).
  private static final Pattern EMAIL_PATTERN =
      Pattern.compile("[^@:\\p{Z}\\p{C}]{1,64}@[^@:\\p{Z}\\p{C}]{1,189}");
  // What is unseen all the same: of Default_Ignorable_Code_Point (Unicode's DerivedCoreProperties),
  // those that count as letters or marks; and the Braille pattern without a dot.
  private static final Pattern INVISIBLE_CHARS =
      Pattern.compile(
          "[\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u2800\\u3164\\uFE00-\\uFE0F\\uFFA0"
              + "\\x{E0000}-\\x{E0FFF}]");
  // Fullwidth and halfwidth forms, and the wide space (UAX #11).
  private static final Pattern WIDTH_VARIANTS = Pattern.compile("[\\u3000\\uFF01-\\uFFEE]+");
  private static final int MAX_ATTEMPTS = 10;

  private final AccountStore store;
  private final Roles roles;
  private final Clock clock;

  /// Keeps accounts in that store.
  public Accounts(AccountStore store, Roles roles, Clock clock) {
    this.store = store;
    this.roles = roles;
    this.clock = clock;
  }

  /// Adds an account with these grants. Names and e-mail addresses are told apart without regard to
  /// case or width (RFC 8265 §3.3).
  public Change add(
      Account.Kind kind,
      String givenName,
      @Nullable String givenEmail,
      Set<String> roleNames,
      Scopes scopes) {
    String name = folded(givenName).orElse("");
    String email = givenEmail == null ? null : folded(givenEmail).orElse("");
    if (ID_PATTERN.matcher(name).matches()) {
      return new Change.Refused("a name may not look like an account's id");
    }
    if (!NAME_PATTERN.matcher(name).matches()) {
      return new Change.Refused(
          "a name has 1 to 64 letters, digits and . _ + -, and begins with a letter or digit");
    }
    if (email != null && (kind != Account.Kind.PERSON || !isEmail(email))) {
      return new Change.Refused(
          kind == Account.Kind.PERSON ? "that is no e-mail address" : "a service has no e-mail");
    }
    Optional<String> unknown = unknownRole(roleNames);
    if (unknown.isPresent()) {
      return new Change.Refused(unknown.get());
    }
    Account account = fresh(kind, name, email, roleNames, scopes);
    return store.add(account)
        ? new Change.Done(account)
        : new Change.Refused("the name or the e-mail address is taken");
  }

  /// A person's account that is not stored yet.
  ///
  /// @param name one that [#isName] takes
  /// @param email as [#email] answers it
  public Account newPerson(
      String name, @Nullable String email, Set<String> roleNames, Scopes scopes) {
    if (!isName(name)) {
      throw new IllegalArgumentException("an account can't be called so");
    }
    return fresh(Account.Kind.PERSON, name, email, roleNames, scopes);
  }

  private Account fresh(
      Account.Kind kind,
      String name,
      @Nullable String email,
      Set<String> roleNames,
      Scopes scopes) {
    return new Account(
        RandomIds.next(kind == Account.Kind.PERSON ? "u_" : "s_"),
        kind,
        name,
        email,
        sorted(roleNames),
        scopes,
        false,
        clock.instant().truncatedTo(ChronoUnit.MILLIS),
        0,
        1);
  }

  /// Gives the account exactly these grants. Whoever acts for it has them at once, everywhere.
  public Change grant(String nameOrId, Set<String> roleNames, Scopes scopes) {
    return change(nameOrId, roleNames, scopes, null);
  }

  /// Disables the account, and with it every credential of it, or enables it again.
  public Change setDisabled(String nameOrId, boolean disabled) {
    return change(nameOrId, null, null, disabled);
  }

  /// Changes what is given, all of it or nothing, and leaves what is null as it stands when the
  /// change is made: what somebody else took away meanwhile stays away.
  public Change change(
      String nameOrId,
      @Nullable Set<String> roleNames,
      @Nullable Scopes scopes,
      @Nullable Boolean disabled) {
    Optional<String> unknown = roleNames == null ? Optional.empty() : unknownRole(roleNames);
    if (unknown.isPresent()) {
      return new Change.Refused(unknown.get());
    }
    return change(
        nameOrId,
        account -> {
          SortedSet<String> newRoles = roleNames == null ? account.roles() : sorted(roleNames);
          Scopes newScopes = scopes == null ? account.scopes() : scopes;
          boolean nowDisabled = disabled == null ? account.disabled() : disabled;
          return newRoles.equals(account.roles())
                  && newScopes.equals(account.scopes())
                  && nowDisabled == account.disabled()
              ? account
              : account.with(newRoles, newScopes, nowDisabled);
        });
  }

  /// Ends every sign-in of the account: its sessions, and what tokens it was given by a password.
  public Change endSignIns(String nameOrId) {
    return change(nameOrId, Account::withoutSignIns);
  }

  /// The account of that e-mail address, name or id.
  public Optional<Account> find(String nameOrId) {
    String folded = folded(nameOrId).orElse("");
    return folded.indexOf('@') >= 0
        ? store.byEmail(folded)
        : store.byName(folded).or(() -> store.byId(nameOrId));
  }

  /// Up to `limit` accounts behind that id (from the beginning: null), in the order of their ids.
  public List<Account> list(Account.Kind kind, @Nullable String afterId, int limit) {
    return store.list(kind, afterId, limit);
  }

  /// What the account may do.
  public Scopes scopesOf(Account account) {
    return roles.of(account);
  }

  private Change change(String nameOrId, UnaryOperator<Account> to) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<Account> account = find(nameOrId);
      if (account.isEmpty()) {
        return new Change.NotFound();
      }
      Account changed = to.apply(account.get());
      if (changed.equals(account.get()) || store.replace(changed)) {
        return new Change.Done(changed);
      }
    }
    return new Change.Refused("others keep changing this account; try again");
  }

  /// Whether an account can have that name, in the form in which names are kept.
  public static boolean isName(String folded) {
    return NAME_PATTERN.matcher(folded).matches() && !ID_PATTERN.matcher(folded).matches();
  }

  /// The untrusted text as an e-mail address, in the form in which accounts keep it; empty when it
  /// is none.
  public static Optional<String> email(String untrusted) {
    return folded(untrusted).filter(Accounts::isEmail);
  }

  private static boolean isEmail(String folded) {
    return EMAIL_PATTERN.matcher(folded).matches() && !INVISIBLE_CHARS.matcher(folded).find();
  }

  /// What is wrong with these names of roles; empty when the configuration defines all of them.
  public Optional<String> unknownRole(Set<String> roleNames) {
    return roleNames.stream()
        .filter(role -> !roles.names().contains(role))
        .findFirst()
        .map(
            role ->
                "there is no role '"
                    + role
                    + "'; the configuration defines "
                    + (roles.names().isEmpty() ? "none" : new TreeSet<>(roles.names())));
  }

  /// The one form in which a name or an e-mail address is kept and looked up: the mappings of
  /// UsernameCaseMapped, in their order (RFC 8265 §3.3.1: width, case, NFC). Empty when the text is
  /// too long or has too many combining marks in a row: no account is called so.
  public static Optional<String> folded(String untrusted) {
    if (untrusted.length() > MAX_LOOKUP_CHARS || !UntrustedText.hasFewCombiningMarks(untrusted)) {
      return Optional.empty();
    }
    String width =
        WIDTH_VARIANTS
            .matcher(untrusted)
            .replaceAll(
                wide ->
                    Matcher.quoteReplacement(
                        Normalizer.normalize(wide.group(), Normalizer.Form.NFKC)));
    return Optional.of(Normalizer.normalize(UntrustedText.lowerCase(width), Normalizer.Form.NFC));
  }

  private static SortedSet<String> sorted(Set<String> roleNames) {
    return Collections.unmodifiableSortedSet(new TreeSet<>(roleNames));
  }
}
