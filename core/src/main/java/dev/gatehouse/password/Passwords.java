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

/// Verifies, sets, changes and resets the passwords of people. Thread-safe; every method may block
/// on the store and on a slow hash.
public final class Passwords {

  /// The result of verifying a name and a password.
  public sealed interface Verification {

    /// They are right.
    ///
    /// @param account the account, read together with the hash. What begins on its generation ends
    ///   when the password changes, however late it is stored
    record Verified(Account account, StoredPassword password) implements Verification {

      /// Returns a sign-in with that password.
      public SignIn signIn() {
        return new SignIn(account, password.id());
      }
    }

    /// They are wrong ([Reason#INVALID_CREDENTIALS]), or there were too many attempts
    /// ([Reason#THROTTLED]).
    record Rejected(Outcome.Rejected rejected) implements Verification {}

    /// They could not be verified: the store is unavailable, or too many passwords wait to be
    /// hashed.
    record Unavailable(Throwable cause) implements Verification {}
  }

  /// The result of setting a password.
  public sealed interface Change {

    /// The password was set, and all sign-ins of the account before it have ended.
    ///
    /// @param account the account as it is now
    /// @param password the new password
    record Done(Account account, StoredPassword password) implements Change {

      /// A sign-in with the new password.
      public SignIn signIn() {
        return new SignIn(account, password.id());
      }
    }

    /// Nothing changed: the new password or hash is not acceptable.
    ///
    /// @param why a sentence for the caller
    record Refused(String why) implements Change {}

    /// Nothing changed: the current password is wrong, or there were too many attempts.
    record Rejected(Outcome.Rejected rejected) implements Change {}

    /// The result is not known: the store is unavailable, or too many passwords wait to be hashed.
    record Unavailable(Throwable cause) implements Change {}

    /// There is no such account, or no such link any more.
    record NotFound() implements Change {}
  }

  /// The form of the secret in a link for a reset.
  public static final SecretForm RESET_SECRET = SecretForm.base62("reset_");

  /// The longest validity of a link for a reset.
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

  /// @param ownSecrets all kinds of secrets that the gate makes: none can be a password, because
  ///   one text would then be two credentials
  /// @param store where passwords are stored
  /// @param attempts throttles wrong passwords
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

  /// Verifies untrusted texts. A text that cannot be a name or a password is rejected without a
  /// look-up.
  ///
  /// @param from the client's address, for throttling
  public Verification verify(String signInName, String password, InetAddress from) {
    Optional<SignInName> name = SignInName.parse(signInName);
    Optional<PresentedPassword> presented = PresentedPassword.parse(password);
    return name.isEmpty() || presented.isEmpty()
        ? new Verification.Rejected(invalid("no name or no password can be that; not looked up"))
        : verify(name.get(), presented.get(), from);
  }

  /// Verifies a name and a password. An unknown name, an account that may not sign in, and a wrong
  /// password cost the same work, get the same answer and count the same for the throttle.
  ///
  /// @param from the client's address, for throttling
  public Verification verify(SignInName name, PresentedPassword password, InetAddress from) {
    Verification verification =
        attempt(name.folded(), password, from, () -> store.bySignInName(name.folded()));
    if (verification instanceof Verification.Verified verified) {
      renew(verified.password(), password);
    }
    return verification;
  }

  /// Changes the password of the account of that id, for somebody who knows the current one. Wrong
  /// current passwords are throttled as at a sign-in.
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

  /// Whether the account of that id has a password. Throws [StoreUnavailableException].
  public boolean isSet(String accountId) {
    return store.byAccount(accountId).filter(owned -> owned.password() != null).isPresent();
  }

  /// Sets the password of the person with that name, e-mail address or id, whatever the previous
  /// one was.
  public Change set(String nameOrId, String password) {
    return replacing(nameOrId, owned -> set(owned.owner(), idOf(owned), password));
  }

  /// Imports the hash of a person's password from elsewhere. At the next sign-in of the person, it
  /// is replaced by a new hash if it covers every byte of the password. The hash of an empty
  /// password is refused.
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

  /// Makes a link with which the person's password can be set once, in place of any earlier link;
  /// empty if there is no such person. Throws [StoreUnavailableException].
  ///
  /// @param life how long it is valid, from a minute to [#MAX_RESET_LIFE]; throws
  ///   [IllegalArgumentException] for any other
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

  /// Returns the account whose password the link would set now; empty if the link is not valid.
  /// Throws [StoreUnavailableException].
  public Optional<Account> resettable(String token) {
    // A text without the form of a token is not looked up.
    return RESET_SECRET.matches(token)
        ? store.byReset(digest(token), now()).filter(account -> !account.disabled())
        : Optional.empty();
  }

  /// Uses the link and sets the password. If the password is refused, the link remains valid.
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

  /// Deletes expired links. Throws [StoreUnavailableException].
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
        // The same person signs in several times at once, and a right password takes no attempt.
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
      // Every path computes exactly one slow hash.
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

  // The password is right whether or not this succeeds, and the next sign-in tries again. bcrypt
  // ignores the end of a long password, which may be mistyped: a new hash of it would lock the
  // owner out.
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
    // Use the account as it was read, with the next generation. If it were read again, it could be
    // of a generation that another change has begun meanwhile, and its sign-ins would outlive that
    // change.
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

  // The attempt was counted against the address when its hash began.
  private static Verification wrong(String cause) {
    return new Verification.Rejected(invalid(cause).notCountedAsFailure());
  }

  private static Outcome.Rejected invalid(String cause) {
    return new Outcome.Rejected(
        Reason.INVALID_CREDENTIALS,
        "The name or the password is wrong, or the account may not sign in",
        cause);
  }

  // Stores keep times in milliseconds, so that the result equals what is read later.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
