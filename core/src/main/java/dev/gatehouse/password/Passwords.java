package dev.gatehouse.password;

import dev.gatehouse.FailureText;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.throttle.SignInAttempts;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Verifies, sets, changes and resets the passwords of people. Thread-safe; every call may block,
/// on the store and on a slow hash.
public final class Passwords {

  /// What came of verifying a name and a password.
  public sealed interface Verification {

    /// They are right.
    ///
    /// @param account read together with the hash: what is begun on its generation is over once the
    ///   password changes, however late it is stored
    record Verified(Account account, StoredPassword password) implements Verification {

      /// A sign-in with that password.
      public SignIn signIn() {
        return new SignIn(account, password.id());
      }
    }

    /// They are not, for [Reason#INVALID_CREDENTIALS]; or there were too many attempts, for
    /// [Reason#THROTTLED].
    record Rejected(Outcome.Rejected rejected) implements Verification {}

    /// The question could not be answered: the store is down, or too many passwords wait to be
    /// hashed.
    record Unavailable(Throwable cause) implements Verification {}
  }

  /// What came of setting a password.
  public sealed interface Change {

    /// It was set, and every sign-in of the account so far is over.
    ///
    /// @param account as it is now
    /// @param password the new one
    record Done(Account account, StoredPassword password) implements Change {

      /// A sign-in with the new password.
      public SignIn signIn() {
        return new SignIn(account, password.id());
      }
    }

    /// Nothing changed: the new password or hash can't be taken.
    record Refused(String why) implements Change {}

    /// Nothing changed: the current password is wrong, or there were too many attempts.
    record Rejected(Outcome.Rejected rejected) implements Change {}

    /// It is not known to have changed: the store is down, or too many passwords wait to be hashed.
    record Unavailable(Throwable cause) implements Change {}

    /// There is no such account, or no such link any more.
    record NotFound() implements Change {}
  }

  /// The form of the secret in a link for a reset.
  public static final SecretForm RESET_SECRET = SecretForm.base62("reset_");

  /// The longest life of a link for a reset.
  public static final Duration MAX_RESET_LIFE = Duration.ofDays(7);

  private static final int MAX_PASSWORD_CHARS = 256;
  private static final Logger LOG = LoggerFactory.getLogger(Passwords.class);

  private final PasswordSettings settings;
  private final OwnSecrets ownSecrets;
  private final PasswordHashes hashes;
  private final PasswordStore store;
  private final Accounts accounts;
  private final SignInAttempts attempts;
  private final Clock clock;

  /// Keeps passwords in that store.
  ///
  /// @param ownSecrets of every kind that the gate makes: none of them can become a password, since
  ///   one text would then be two credentials
  public Passwords(
      PasswordSettings settings,
      OwnSecrets ownSecrets,
      PasswordHashes hashes,
      PasswordStore store,
      Accounts accounts,
      SignInAttempts attempts,
      Clock clock) {
    this.settings = settings;
    this.ownSecrets = ownSecrets;
    this.hashes = hashes;
    this.store = store;
    this.accounts = accounts;
    this.attempts = attempts;
    this.clock = clock;
  }

  /// Verifies untrusted texts. What can't be a name or a password is rejected without a look-up.
  public Verification verify(String signInName, String password, InetAddress from) {
    Optional<SignInName> name = SignInName.parse(signInName);
    Optional<PresentedPassword> presented = PresentedPassword.parse(password);
    return name.isEmpty() || presented.isEmpty()
        ? new Verification.Rejected(invalid("no name or no password can be that; not looked up"))
        : verify(name.get(), presented.get(), from);
  }

  /// Verifies a name and a password. An unknown name, an account that may not sign in and a wrong
  /// password are all one: in the work, in the answer, and to the throttle.
  public Verification verify(SignInName name, PresentedPassword password, InetAddress from) {
    Verification verification =
        attempt(name.folded(), password, from, () -> store.bySignInName(name.folded()));
    if (verification instanceof Verification.Verified verified) {
      renew(verified.password(), password);
    }
    return verification;
  }

  /// Changes the password of the account of that id, for one who knows the current one. Wrong ones
  /// are throttled as at a sign-in.
  public Change change(String accountId, String current, String next, InetAddress from) {
    Optional<PresentedPassword> presented = PresentedPassword.parse(current);
    if (presented.isEmpty()) {
      return new Change.Rejected(invalid("no password can be that; not looked up"));
    }
    return switch (attempt(accountId, presented.get(), from, () -> store.byAccount(accountId))) {
      case Verification.Rejected(Outcome.Rejected rejected) -> new Change.Rejected(rejected);
      case Verification.Unavailable(Throwable cause) -> new Change.Unavailable(cause);
      case Verification.Verified(Account account, StoredPassword password) ->
          set(account, password.id(), next);
    };
  }

  /// Whether the account of that id has a password.
  public boolean isSet(String accountId) {
    return store.byAccount(accountId).filter(owned -> owned.password() != null).isPresent();
  }

  /// Sets the password of the person of that name, e-mail address or id, whatever was before.
  public Change set(String nameOrId, String password) {
    return replacing(nameOrId, owned -> set(owned.owner(), idOf(owned), password));
  }

  /// Takes over the hash of a person's password that was made elsewhere. It is made anew when the
  /// person next signs in, with a password of which the hash covers every byte. The hash of an
  /// empty password is refused.
  public Change importHash(String nameOrId, String hash) {
    Optional<String> unusable = PasswordHashes.whyNotImportable(hash);
    return unusable.isPresent()
        ? new Change.Refused(unusable.get())
        : replacing(
            nameOrId,
            owned ->
                hashes.isOfEmptyPassword(hash)
                    ? new Change.Refused("the hash is that of an empty password")
                    : replace(owned.owner(), idOf(owned), hash));
  }

  /// Makes a link with which the person's password can be set once, in the place of any before;
  /// empty when there is no such person. Throws [StoreUnavailableException].
  ///
  /// @param life from a minute to [#MAX_RESET_LIFE]; [IllegalArgumentException] for any other
  public Optional<ResetLink> startReset(String nameOrId, Duration life) {
    if (life.compareTo(Duration.ofMinutes(1)) < 0 || life.compareTo(MAX_RESET_LIFE) > 0) {
      throw new IllegalArgumentException(
          "a link for a reset lives from a minute to " + MAX_RESET_LIFE.toDays() + " days");
    }
    String token = RESET_SECRET.random();
    Instant expiresAt = now().plus(life).truncatedTo(ChronoUnit.MILLIS);
    return accounts
        .find(nameOrId)
        .filter(account -> account.kind() == Account.Kind.PERSON)
        .filter(account -> store.addReset(account.id(), digest(token), expiresAt))
        .map(account -> new ResetLink(account, token, expiresAt));
  }

  /// Whose password the link would set now; empty when it is good for none. Throws
  /// [StoreUnavailableException].
  public Optional<Account> resettable(String token) {
    // What is no token is not looked up.
    return RESET_SECRET.matches(token)
        ? store.byReset(digest(token), now()).filter(account -> !account.disabled())
        : Optional.empty();
  }

  /// Spends the link and sets the password. A password that is refused leaves the link as it was.
  public Change reset(String token, String newPassword) {
    return answering(
        () -> {
          Optional<Account> owner = resettable(token);
          if (owner.isEmpty()) {
            return new Change.NotFound();
          }
          return hashed(
              owner.get(),
              newPassword,
              hash -> {
                StoredPassword fresh = fresh(owner.get(), hash);
                return store.reset(digest(token), now(), fresh)
                    ? new Change.Done(owner.get().withoutSignIns(), fresh)
                    : new Change.NotFound();
              });
        });
  }

  /// Removes links that are over. Throws [StoreUnavailableException].
  public void purgeResets() {
    store.purgeResetsBefore(now());
  }

  private Verification attempt(
      String throttledAs,
      PresentedPassword password,
      InetAddress from,
      Supplier<Optional<PasswordStore.Owned>> lookUp) {
    long begin = System.nanoTime();
    while (true) {
      switch (attempts.ask(throttledAs, from)) {
        case SignInAttempts.Answer.Wait(Duration time) -> {
          return new Verification.Rejected(
              new Outcome.Rejected(
                  Reason.THROTTLED,
                  "Too many attempts to sign in with this name",
                  "failed attempts to sign in with this name",
                  time));
        }
        // Somebody signs in many times at once, and a right password takes no attempt.
        case SignInAttempts.Answer.Later(CompletableFuture<Void> ended) -> {
          try {
            hashes.await(ended, begin);
          } catch (HashingBusyException busy) {
            return new Verification.Unavailable(busy);
          }
        }
        case SignInAttempts.Answer.Attempt attempt -> {
          try (attempt) {
            return attempt(attempt, password, from, lookUp);
          }
        }
      }
    }
  }

  private Verification attempt(
      SignInAttempts.Answer.Attempt attempt,
      PresentedPassword password,
      InetAddress from,
      Supplier<Optional<PasswordStore.Owned>> lookUp) {
    try {
      Optional<PasswordStore.Owned> found = lookUp.get();
      StoredPassword stored = found.map(PasswordStore.Owned::password).orElse(null);
      // One slow hash on every way through.
      return hashes
          .match(
              password,
              stored == null ? null : stored.hash(),
              from,
              attempt::begin,
              matches -> judged(attempt, found, matches))
          .orElseGet(() -> addressMustWait(attempt, from));
    } catch (StoreUnavailableException | HashingBusyException unavailable) {
      attempt.giveBack();
      return new Verification.Unavailable(unavailable);
    }
  }

  private Verification addressMustWait(SignInAttempts.Answer.Attempt attempt, InetAddress from) {
    attempt.giveBack();
    return new Verification.Rejected(
        new Outcome.Rejected(
            Reason.THROTTLED,
            "Too many failed attempts came from this address",
            "failed attempts of this address",
            attempts.mustWait(from).orElse(Duration.ZERO)));
  }

  private static Verification judged(
      SignInAttempts.Answer.Attempt attempt, Optional<PasswordStore.Owned> found, boolean matches) {
    Verification verification = judge(found, matches);
    if (verification instanceof Verification.Verified) {
      attempt.succeeded();
    }
    return verification;
  }

  private static Verification judge(Optional<PasswordStore.Owned> found, boolean matches) {
    if (found.isEmpty()) {
      return wrong("no account of that name");
    }
    Account owner = found.get().owner();
    StoredPassword stored = found.get().password();
    if (stored == null || owner.kind() != Account.Kind.PERSON) {
      return wrong(owner.id() + " has no password");
    }
    if (!matches) {
      return wrong(
          PasswordHashes.whyNotImportable(stored.hash())
              .map(why -> "the hash of " + stored.id() + " can't be read: " + why)
              .orElse("not " + stored.id()));
    }
    return owner.disabled()
        ? wrong(owner.id() + " is disabled")
        : new Verification.Verified(owner, stored);
  }

  // The password is right whether or not this succeeds: the next sign-in tries again. What bcrypt
  // does not look at may be a typing error: a new hash of it would lock the owner out.
  private void renew(StoredPassword stored, PresentedPassword password) {
    if (hashes.isCurrent(stored.hash()) || !hashes.covers(stored.hash(), password)) {
      return;
    }
    try {
      if (store.rehash(stored.id(), stored.hash(), hashes.hash(password))) {
        LOG.info("{} is hashed anew, by the settings of now", stored.id());
      }
    } catch (StoreUnavailableException | HashingBusyException later) {
      LOG.warn("{} could not be hashed anew: {}", stored.id(), FailureText.of(later));
    }
  }

  private interface Replacing {
    Change by(PasswordStore.Owned owned);
  }

  private interface Hashed {
    Change by(String hash);
  }

  private Change replacing(String nameOrId, Replacing replacing) {
    return answering(
        () -> {
          Optional<PasswordStore.Owned> owned =
              accounts.find(nameOrId).flatMap(account -> store.byAccount(account.id()));
          if (owned.isEmpty()) {
            return new Change.NotFound();
          }
          return owned.get().owner().kind() == Account.Kind.PERSON
              ? replacing.by(owned.get())
              : new Change.Refused("only people have passwords; a service has keys");
        });
  }

  private Change set(Account owner, @Nullable String beforeId, String password) {
    return answering(() -> hashed(owner, password, hash -> replace(owner, beforeId, hash)));
  }

  private Change hashed(Account owner, String password, Hashed hashed) {
    Optional<PresentedPassword> presented = PresentedPassword.parse(password);
    if (presented.isEmpty()) {
      return new Change.Refused(
          "a password is not empty, is UTF-8 without control characters, and has at most "
              + PresentedPassword.MAX_BYTES
              + " bytes");
    }
    Optional<String> unfit = whyUnfit(presented.get(), owner);
    return unfit.isPresent()
        ? new Change.Refused(unfit.get())
        : hashed.by(hashes.hash(presented.get()));
  }

  private Optional<String> whyUnfit(PresentedPassword password, Account owner) {
    if (password.length() < settings.minLength()) {
      return Optional.of("a password has at least " + settings.minLength() + " characters");
    }
    if (password.length() > MAX_PASSWORD_CHARS) {
      return Optional.of("a password has at most " + MAX_PASSWORD_CHARS + " characters");
    }
    if (password.holds(ownSecrets)) {
      return Optional.of(
          "a password is no secret that this gate makes, such as an API key: choose another one");
    }
    String email = owner.email();
    return password.isLike(owner.name()) || (email != null && password.isLike(email))
        ? Optional.of("a password is not the account's name or e-mail address")
        : Optional.empty();
  }

  private Change replace(Account owner, @Nullable String beforeId, String hash) {
    // The account as it was read, one generation on: were it read again, it could be of a
    // generation
    // that another change began meanwhile, and outlive that.
    StoredPassword fresh = fresh(owner, hash);
    return store.replace(fresh, beforeId)
        ? new Change.Done(owner.withoutSignIns(), fresh)
        : new Change.Refused("the password was changed meanwhile");
  }

  private StoredPassword fresh(Account owner, String hash) {
    return new StoredPassword(RandomIds.next("pw_"), owner.id(), hash, now());
  }

  private static @Nullable String idOf(PasswordStore.Owned owned) {
    StoredPassword before = owned.password();
    return before == null ? null : before.id();
  }

  private static Change answering(Supplier<Change> work) {
    try {
      return work.get();
    } catch (StoreUnavailableException | HashingBusyException unavailable) {
      return new Change.Unavailable(unavailable);
    }
  }

  private static Digest digest(String token) {
    return Digest.sha256(token.getBytes(StandardCharsets.US_ASCII));
  }

  // Its address has paid for it already, as its hash began.
  private static Verification wrong(String cause) {
    return new Verification.Rejected(invalid(cause).notCountedAsFailure());
  }

  private static Outcome.Rejected invalid(String cause) {
    return new Outcome.Rejected(
        Reason.INVALID_CREDENTIALS,
        "The name or the password is wrong, or the account may not sign in",
        cause);
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
