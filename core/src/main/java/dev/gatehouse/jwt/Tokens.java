package dev.gatehouse.jwt;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.account.ParentCredentials;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.throttle.RateLimits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Issues tokens, accepts refresh tokens, and revokes tokens. Thread-safe; every method that is not
/// static may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not
/// answer.
public final class Tokens {

  /// The form of a refresh token.
  public static final SecretForm REFRESH_TOKEN = PresentedRefreshToken.FORM;

  private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

  private static final String FAMILY_PREFIX = "f_";

  // The store keeps a row for each use of a refresh token until its family ends, and then deletes
  // them in one change. A client that refreshes in a loop must not fill the store with them. Tokens
  // of 15 minutes need 8,640 rows in 90 days.
  private static final int MAX_REFRESHES_PER_MINUTE = 30;
  private static final int MAX_REFRESH_TOKENS_PER_FAMILY = 10_000;

  private final JwtSettings settings;
  private final AccessTokens accessTokens;
  private final TokenStore store;
  private final Roles roles;
  private final ParentCredentials credentials;
  private final Clock clock;
  private final RateLimits refreshes;

  /// @param store where families are stored
  /// @param credentials looks up the credentials of services, for which their tokens are issued
  /// @param refreshes counts the refreshes of each family
  public Tokens(
      JwtSettings settings,
      AccessTokens accessTokens,
      TokenStore store,
      Roles roles,
      ParentCredentials credentials,
      Clock clock,
      RateLimits refreshes) {
    this.settings = settings;
    this.accessTokens = accessTokens;
    this.store = store;
    this.roles = roles;
    this.credentials = credentials;
    this.clock = clock;
    this.refreshes = refreshes;
  }

  /// Begins a family for a person who has just authenticated.
  ///
  /// @return [TokenPairIssuance.Rejected] only if the account has more scopes than a token can
  ///   contain
  public TokenPairIssuance signIn(SignIn signIn, String clientId) {
    return signIn(signIn, clientId, null);
  }

  /// As [#signIn(SignIn, String)], for tokens that are valid only together with a client
  /// certificate (RFC 8705 §3, §4).
  ///
  /// @param certificate the SHA-256 of the certificate; null: they are bound to none
  public TokenPairIssuance signIn(SignIn signIn, String clientId, @Nullable Digest certificate) {
    Account account = signIn.account();
    Instant now = now();
    TokenFamily family =
        new TokenFamily(
            RandomIds.next(FAMILY_PREFIX),
            account.id(),
            clientId,
            null,
            account.generation(),
            now,
            now.plus(settings.familyLife()),
            null,
            certificate,
            signIn.credential());
    PresentedRefreshToken first = PresentedRefreshToken.random();
    Scopes scopes = allowed(account, null);
    AccessTokens.Answer access = accessToken(family, account, scopes);
    if (access instanceof AccessTokens.Answer.Issued) {
      store.add(family, stored(first, family, now));
    }
    return pair(access, scopes, first, family);
  }

  /// Uses a refresh token for a new pair of tokens, with the scopes that its owner has now.
  ///
  /// A second use revokes the whole family (RFC 9700 §4.14.2), unless it comes within the grace of
  /// the settings: then it gets the same successor. A family can be refreshed at most 30 times a
  /// minute, including uses within the grace, and ends after 10,000 refresh tokens.
  public TokenPairIssuance refresh(String refreshToken) {
    return refresh(refreshToken, null);
  }

  /// As [#refresh(String)], for an access token with no more scopes than requested. The new refresh
  /// token can still be used for all scopes (RFC 6749 §6).
  ///
  /// @param requested the scopes; null: all that the owner has now
  public TokenPairIssuance refresh(String refreshToken, @Nullable Scopes requested) {
    return refresh(refreshToken, requested, null);
  }

  /// As [#refresh(String, Scopes)], for a client that presented that certificate. A family that is
  /// bound to a certificate can be refreshed only with it (RFC 8705 §4).
  ///
  /// @param shown the SHA-256 of the certificate; null: it presented none
  public TokenPairIssuance refresh(
      String refreshToken, @Nullable Scopes requested, @Nullable Digest shown) {
    PresentedRefreshToken token = PresentedRefreshToken.parse(refreshToken).orElse(null);
    if (token == null) {
      return new TokenPairIssuance.Rejected(invalid("not the form of a refresh token"));
    }
    TokenStore.Found found = store.token(token.digest()).orElse(null);
    if (found == null) {
      return rejected("no such refresh token, or its family is revoked");
    }
    TokenStore.Owned owned = found.owned();
    TokenFamily family = owned.family();
    Instant now = now();
    if (isOver(owned) || owned.owner().disabled() || !now.isBefore(family.expiresAt())) {
      return rejected(family.id() + " is over, or its owner disabled");
    }
    // Check this before the token becomes spent or is found to be spent: somebody who stole it
    // without the private key must not be able to end the family.
    if (family.certificate() != null && !family.certificate().equals(shown)) {
      return rejected(family.id() + " is bound to another client certificate");
    }
    Scopes allowed = allowed(owned.owner(), family.scopes());
    Scopes scopes = requested == null ? allowed : allowed.intersect(requested);
    // Not for a spent token: a thief must not be able to hide a second use behind the rate. Within
    // the grace, the rate is checked below.
    if (!found.spent()) {
      if (found.ofFamily() >= MAX_REFRESH_TOKENS_PER_FAMILY) {
        return rejected(family.id() + " was refreshed too often, and is over");
      }
      if (requested != null && !allowed.containsAll(requested)) {
        return new TokenPairIssuance.Rejected(
            new Outcome.Rejected(
                Reason.INSUFFICIENT_SCOPE,
                "More scopes were asked for than may be had",
                family.id() + " may not have " + requested.minus(allowed)));
      }
      TokenPairIssuance.Rejected throttled = throttled(family);
      if (throttled != null) {
        return throttled;
      }
    }
    // Sign before anything is spent, so that a failure to sign costs the client nothing. A second
    // use counts nevertheless.
    AccessTokens.Answer access = accessToken(family, owned.owner(), scopes);
    PresentedRefreshToken successor = PresentedRefreshToken.random();
    if (!(access instanceof AccessTokens.Answer.Issued) && !found.spent()) {
      return pair(access, scopes, successor, family);
    }
    String sealed =
        settings.reuseGrace().isZero()
            ? null
            : token.seal().seal(successor.reveal(), place(family.id()));
    return switch (store.use(
        token.digest(), now, stored(successor, family, now), sealed, settings.reuseGrace())) {
      case TokenStore.Use.Rotated() -> pair(access, scopes, successor, family);
      case TokenStore.Use.Again(var sealedSuccessor) -> {
        // If two clients raced for one unused token, it was counted before it was spent.
        TokenPairIssuance.Rejected throttled = found.spent() ? throttled(family) : null;
        yield throttled != null
            ? throttled
            : pair(
                access,
                scopes,
                PresentedRefreshToken.parse(token.seal().open(sealedSuccessor, place(family.id())))
                    .orElseThrow(),
                family);
      }
      case TokenStore.Use.Reused(var reused) -> {
        LOG.warn(
            "A refresh token of {} was used a second time: it may be stolen, the family is revoked",
            reused);
        yield rejected(reused + " was revoked: a refresh token of it was used twice");
      }
      case TokenStore.Use.Unknown() -> rejected("a refresh token of " + family.id() + " expired");
    };
  }

  /// Revokes the family of that refresh token, used or not.
  ///
  /// @return false if there was nothing to revoke, which is not an error
  public boolean logout(String refreshToken) {
    return PresentedRefreshToken.parse(refreshToken)
        .flatMap(token -> store.token(token.digest()))
        .map(found -> store.revoke(found.owned().family().id()))
        .orElse(false);
  }

  /// What a service's token rests on.
  ///
  /// @param sid the public id of a family, or of the credential with which a service has just
  ///   authenticated
  /// @param endsAt the first instant at which that is no longer valid; null: never
  /// @param path for a client certificate: the certification path for [ParentCredentials]; null: it
  ///   is no certificate
  public record Basis(String sid, @Nullable Instant endsAt, @Nullable String path) {

    Basis until(@Nullable Instant other) {
      return other == null || (endsAt != null && endsAt.isBefore(other))
          ? this
          : new Basis(sid, other, path);
    }
  }

  /// Issues an access token to a service, for a credential with which it has just authenticated
  /// (RFC 6749 §4.4). It begins no family. The token ends with that credential, and with the proof.
  ///
  /// @param requested the scopes; null: all that the credential has
  public ServiceTokenIssuance issueForService(
      Basis proved, String clientId, @Nullable Scopes requested) {
    return issueForService(proved, clientId, requested, null);
  }

  /// As [#issueForService(Basis, String, Scopes)], for a token that is valid only together with a
  /// client certificate.
  ///
  /// @param certificate the SHA-256 of the certificate; null: it is bound to none
  public ServiceTokenIssuance issueForService(
      Basis proved, String clientId, @Nullable Scopes requested, @Nullable Digest certificate) {
    ParentCredential standing = credentials.of(proved.sid(), proved.path()).orElse(null);
    if (standing == null || standing.owner().disabled()) {
      return new ServiceTokenIssuance.CredentialNotGood();
    }
    Scopes allowed = allowed(standing.owner(), standing.scopes());
    Scopes scopes = requested == null ? allowed : requested;
    if (!allowed.containsAll(scopes)) {
      return new ServiceTokenIssuance.ScopeNotAllowed(scopes.minus(allowed));
    }
    return switch (accessTokens.issue(
        standing.owner(), proved.until(standing.expiresAt()), clientId, scopes, certificate)) {
      case AccessTokens.Answer.Issued(var text, var life) ->
          new ServiceTokenIssuance.Issued(text, life, scopes);
      case AccessTokens.Answer.Over() -> new ServiceTokenIssuance.CredentialNotGood();
      case AccessTokens.Answer.TooLarge() -> new ServiceTokenIssuance.TooManyScopes();
    };
  }

  /// Returns the current state of what a token's `sid` names: a family, or the credential of a
  /// service; empty if it is unknown or revoked, or if its sign-in was ended.
  ///
  /// @param path as in [ParentCredentials#of]; not needed for a family
  public Optional<ParentCredential> standing(String sid, @Nullable String path) {
    if (!isFamily(sid)) {
      return credentials.of(sid, path);
    }
    return store
        .family(sid)
        .filter(owned -> !isOver(owned))
        .map(
            owned ->
                new ParentCredential(
                    RootCredential.ofSignIn(owned.family().signedInBy()),
                    owned.owner(),
                    owned.family().scopes(),
                    owned.family().expiresAt(),
                    List.of(),
                    null));
  }

  /// Returns the family of that id and its owner, whether or not it is valid.
  public Optional<TokenStore.Owned> find(String familyId) {
    return store.family(familyId);
  }

  /// Revokes the family and all its tokens; false if there is no such family.
  public boolean revoke(String familyId) {
    return store.revoke(familyId);
  }

  /// Returns up to `limit` families in the order of their ids, after that id (null: from the
  /// first).
  ///
  /// @param account the id of an account; null: families of all accounts
  public List<TokenStore.Owned> list(
      @Nullable String account, @Nullable String afterId, int limit) {
    return store.list(account, afterId, limit);
  }

  /// Whether tokens of the family would still be accepted. Does not check whether the owner is
  /// disabled.
  public boolean isLive(TokenStore.Owned owned) {
    return !isOver(owned) && clock.instant().isBefore(owned.family().expiresAt());
  }

  /// Whether a token's `sid` names a family rather than the credential of a service. Does not
  /// block.
  public static boolean isFamily(String sid) {
    return sid.startsWith(FAMILY_PREFIX);
  }

  /// Records when families were last used. Ignores other ids.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> families = new HashMap<>(lastUsed);
    families.keySet().removeIf(id -> !isFamily(id));
    if (!families.isEmpty()) {
      store.touch(families);
    }
  }

  /// Deletes the families that have ended.
  public void purge() {
    Instant now = now();
    store.purge(now, now.minus(JwtSettings.MAX_REUSE_GRACE));
  }

  private TokenPairIssuance.@Nullable Rejected throttled(TokenFamily family) {
    Duration wait = refreshes.take(family.id(), MAX_REFRESHES_PER_MINUTE);
    return wait.isZero()
        ? null
        : new TokenPairIssuance.Rejected(
            new Outcome.Rejected(
                Reason.THROTTLED,
                "Tokens of one sign-in are refreshed "
                    + MAX_REFRESHES_PER_MINUTE
                    + " times a minute at most",
                "the rate of refreshes of " + family.id(),
                wait));
  }

  private AccessTokens.Answer accessToken(TokenFamily family, Account owner, Scopes scopes) {
    return accessTokens.issue(
        owner,
        new Basis(family.id(), family.expiresAt(), null),
        family.clientId(),
        scopes,
        family.certificate());
  }

  private static TokenPairIssuance pair(
      AccessTokens.Answer access,
      Scopes scopes,
      PresentedRefreshToken refreshToken,
      TokenFamily family) {
    return switch (access) {
      case AccessTokens.Answer.Issued(var text, var life) ->
          new TokenPairIssuance.Issued(new TokenPair(text, refreshToken.reveal(), life, scopes));
      case AccessTokens.Answer.Over() -> rejected(family.id() + " ends within this second");
      case AccessTokens.Answer.TooLarge() ->
          new TokenPairIssuance.Rejected(
              new Outcome.Rejected(
                  Reason.INSUFFICIENT_SCOPE,
                  "This account has more scopes than an access token can hold: an administrator"
                      + " must take some away",
                  family.account() + " has more scopes than one token can contain"));
    };
  }

  private Scopes allowed(Account owner, @Nullable Scopes atMost) {
    Scopes granted = roles.of(owner);
    return atMost == null ? granted : granted.intersect(atMost);
  }

  private static boolean isOver(TokenStore.Owned owned) {
    return owned.family().generation() != owned.owner().generation();
  }

  // Its own end may be later than that of the family: it is refused when its family has ended.
  private StoredRefreshToken stored(PresentedRefreshToken token, TokenFamily family, Instant now) {
    return new StoredRefreshToken(
        token.digest(), family.id(), now.plus(settings.refreshTokenLife()));
  }

  private static String place(String family) {
    return "refresh_token/" + family + "/successor";
  }

  // This is not a guess: clients present old ones, and 256 bits cannot be guessed.
  private static TokenPairIssuance rejected(String cause) {
    return new TokenPairIssuance.Rejected(invalid(cause).notCountedAsFailure());
  }

  private static Outcome.Rejected invalid(String cause) {
    return new Outcome.Rejected(
        Reason.INVALID_REFRESH_TOKEN,
        "The refresh token is unknown, used, expired or revoked: sign in again",
        cause);
  }

  // Stores keep times in milliseconds.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
