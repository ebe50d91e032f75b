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

/// Adds, changes and disables accounts. Thread-safe; every method that reads or changes an account
/// may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class Accounts {

  /// The result of a change.
  public sealed interface Change {

    /// The change was made; this is the account now.
    record Done(Account account) implements Change {}

    /// The change was refused, and nothing changed.
    ///
    /// @param why a sentence for the caller
    record Refused(String why) implements Change {}

    /// There is no such account.
    record NotFound() implements Change {}
  }

  // The longest text that can be a name or an e-mail address, in UTF-16 and before it is
  // normalized: four times the longest address. No normal form makes a text more than four times
  // shorter (UAX #15).
  private static final int MAX_LOOKUP_CHARS = 4 * (64 + 1 + 189);

  private static final Pattern NAME_PATTERN = Pattern.compile("[a-z0-9][a-z0-9._+-]{0,63}");
  // Accounts are found by name or id, so a name must not have the form of an id.
  private static final Pattern ID_PATTERN = Pattern.compile("[us]_[0-9a-z]{22}");
  // A name must not have the form of an e-mail address: it has no @. An address has no invisible
  // and no unassigned characters (RFC 8264 §4.2 disallows both), so that no two addresses differ
  // only by those. It has no colon, at which Basic would cut it (RFC 7617 §2).
  private static final Pattern EMAIL_PATTERN =
      Pattern.compile("[^@:\\p{Z}\\p{C}]{1,64}@[^@:\\p{Z}\\p{C}]{1,189}");
  // Further invisible characters: those with the property Default_Ignorable_Code_Point (Unicode's
  // DerivedCoreProperties) that count as letters or marks, and the Braille pattern without a dot.
  private static final Pattern INVISIBLE_CHARS =
      Pattern.compile(
          "[\\u034F\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F\\u2800\\u3164\\uFE00-\\uFE0F\\uFFA0"
              + "\\x{E0000}-\\x{E0FFF}]");
  // Fullwidth and halfwidth forms, and the ideographic space (UAX #11).
  private static final Pattern WIDTH_VARIANTS = Pattern.compile("[\\u3000\\uFF01-\\uFFEE]+");
  private static final int MAX_ATTEMPTS = 10;

  private final AccountStore store;
  private final Roles roles;
  private final Clock clock;

  /// @param store where accounts are stored
  /// @param roles the roles that the configuration defines
  public Accounts(AccountStore store, Roles roles, Clock clock) {
    this.store = store;
    this.roles = roles;
    this.clock = clock;
  }

  /// Adds an account with these roles and scopes. Names and e-mail addresses are compared without
  /// regard to case or width (RFC 8265 §3.3).
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

  /// Returns the account of a person that is not stored yet.
  ///
  /// @param name a name that [#isName] accepts; throws [IllegalArgumentException] otherwise
  /// @param email an address that [#email] returned
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

  /// Sets the roles and scopes of the account. They take effect at once for all of its credentials.
  public Change grant(String nameOrId, Set<String> roleNames, Scopes scopes) {
    return change(nameOrId, roleNames, scopes, null);
  }

  /// Disables the account, and thereby all of its credentials, or enables it again.
  public Change setDisabled(String nameOrId, boolean disabled) {
    return change(nameOrId, null, null, disabled);
  }

  /// Changes what is given, as a whole or not at all. What is null keeps the value that it has when
  /// the change is made, so a concurrent change is not undone.
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

  /// Ends all sign-ins of the account: its sessions, and the tokens that it got for a password or
  /// from a provider.
  public Change endSignIns(String nameOrId) {
    return change(nameOrId, Account::withoutSignIns);
  }

  /// Returns the account with that e-mail address, name or id.
  public Optional<Account> find(String nameOrId) {
    String folded = folded(nameOrId).orElse("");
    return folded.indexOf('@') >= 0
        ? store.byEmail(folded)
        : store.byName(folded).or(() -> store.byId(nameOrId));
  }

  /// Returns up to `limit` accounts in the order of their ids, after that id (null: from the
  /// first).
  public List<Account> list(Account.Kind kind, @Nullable String afterId, int limit) {
    return store.list(kind, afterId, limit);
  }

  /// Returns all scopes of the account, with those of its roles.
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

  /// Whether an account can have that name. The name must be in the form that [#folded] returns.
  public static boolean isName(String folded) {
    return NAME_PATTERN.matcher(folded).matches() && !ID_PATTERN.matcher(folded).matches();
  }

  /// Returns the untrusted text as an e-mail address, in the form in which accounts store it; empty
  /// if it is none.
  public static Optional<String> email(String untrusted) {
    return folded(untrusted).filter(Accounts::isEmail);
  }

  private static boolean isEmail(String folded) {
    return EMAIL_PATTERN.matcher(folded).matches() && !INVISIBLE_CHARS.matcher(folded).find();
  }

  /// Returns what is wrong with these names of roles; empty if the configuration defines all of
  /// them.
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

  /// Returns the form in which a name or an e-mail address is stored and looked up: the mappings of
  /// UsernameCaseMapped in their order (RFC 8265 §3.3: width, case, NFC). Does not check that the
  /// text can be a name.
  ///
  /// @return empty if the text is too long or has too many combining marks in a row, so that no
  ///   account can have it
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
