package dev.gatehouse.jwt;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.account.ParentCredentials;
import dev.gatehouse.account.Roles;
import dev.gatehouse.bearer.BearerScheme;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import dev.gatehouse.signing.SigningKeys;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Authenticates the holder of an access token that the gate issued.
///
/// The signature and the claims prove that the token was issued. The current state of its parent
/// ([ParentCredentials]) is looked up as well, so that the token ends when the parent is revoked,
/// and allows no more than the owner may do now. Thread-safe; a verification makes at most one
/// look-up of the parent and one of an unknown key.
public final class JwtAuthenticator implements Authenticator {

  private final JwtSettings settings;
  private final AccessTokens accessTokens;
  private final ParentCredentials standings;
  private final Roles roles;
  private final @Nullable BearerTokenClassifier others;
  private final KeyedDigest memoryKeys = new KeyedDigest("jwt");

  /// Judges every bearer token.
  ///
  /// @param standings looks up the parent that a token's `sid` names, as [Tokens#standing] does
  public JwtAuthenticator(
      JwtSettings settings, AccessTokens accessTokens, ParentCredentials standings, Roles roles) {
    this(settings, accessTokens, standings, roles, null);
  }

  /// @param standings what a token's `sid` stands for now, as [Tokens#standing] says
  /// @param others tells which bearer tokens are not for this method; null: all are
  public JwtAuthenticator(
      JwtSettings settings,
      AccessTokens accessTokens,
      ParentCredentials standings,
      Roles roles,
      @Nullable BearerTokenClassifier others) {
    this.settings = settings;
    this.accessTokens = accessTokens;
    this.standings = standings;
    this.roles = roles;
    this.others = others;
  }

  @Override
  public Method method() {
    return Method.JWT;
  }

  @Override
  public Set<String> fields() {
    return Set.of();
  }

  @Override
  public Set<String> schemes() {
    return Set.of(BearerScheme.NAME);
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return BearerScheme.challenge(settings.realm(), rejected);
  }

  @Override
  public Optional<Challenge> insufficientScope(@Nullable Scopes required) {
    return Optional.of(BearerScheme.insufficientScope(settings.realm(), required));
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return BearerScheme.isInQuery(request, JwtAuthenticator::looksLikeOurs) ? IN_QUERY : null;
  }

  private static boolean looksLikeOurs(String text) {
    return Tokens.REFRESH_TOKEN.matches(text)
        || PresentedJwt.parse(text)
            .filter(
                token ->
                    JoseHeader.read(token.header()) instanceof Check.Passed<JoseHeader>(var header)
                        && header.saysAccessToken()
                        && SigningKeys.isKeyId(header.keyId()))
            .isPresent();
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    String text = request.credentials(BearerScheme.NAME);
    if (text == null || (others != null && others.methodOf(text, policy) != Method.JWT)) {
      return Presented.None.INSTANCE;
    }
    Optional<PresentedJwt> token = PresentedJwt.parse(text);
    return token.isEmpty()
        ? new Presented.Malformed(CredentialLocation.AUTHORIZATION, MALFORMED_TOKEN)
        : new Found(token.get(), memoryKeys.of(token.get().bytes()));
  }

  private final class Found implements Presented.Credential {

    private final PresentedJwt token;
    private final Digest memoryKey;

    Found(PresentedJwt token, Digest memoryKey) {
      this.token = token;
      this.memoryKey = memoryKey;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.AUTHORIZATION;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    @Override
    public Outcome verify() {
      try {
        return switch (accessTokens.verify(token)) {
          case Check.Failed<VerifiedToken>(var reason, var cause) -> rejected(reason, cause);
          case Check.Passed<VerifiedToken>(var verified) ->
              standings
                  .of(verified.sid(), verified.path())
                  .map(standing -> judge(verified, standing))
                  .orElse(notStanding(verified.sid() + " does not stand"));
        };
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }
  }

  private Outcome judge(VerifiedToken token, ParentCredential standing) {
    Account owner = standing.owner();
    if (owner.disabled()) {
      return notStanding("the owner of " + token.sid() + ", " + owner.id() + ", is disabled");
    }
    if (!owner.id().equals(token.subject())) {
      return notStanding(token.sid() + " is not of the token's subject");
    }
    // A scope that was taken from the owner is gone at once, whatever the token says.
    Scopes scopes = token.scopes().intersect(roles.of(owner));
    if (standing.scopes() != null) {
      scopes = scopes.intersect(standing.scopes());
    }
    Instant end = standing.expiresAt();
    boolean endsFirst = end != null && end.isBefore(token.expiresAt());
    return new Outcome.Accepted(
        new Principal(owner.id(), Method.JWT, token.sid(), scopes),
        new Conditions(
            endsFirst ? end : token.expiresAt(),
            standing.networks(),
            standing.requestsPerMinute(),
            Reason.INVALID_TOKEN,
            // A client that is told of the expiry gets another token. If the parent ended, it
            // cannot.
            endsFirst ? Reason.INVALID_TOKEN : Reason.TOKEN_EXPIRED,
            token.certificate()),
        standing.root());
  }

  // This is not a guess: the signature was valid.
  private static Outcome.Rejected notStanding(String cause) {
    return rejected(Reason.INVALID_TOKEN, cause).notCountedAsFailure();
  }

  private static Outcome.Rejected rejected(Reason reason, String cause) {
    return reason == Reason.TOKEN_EXPIRED
        // No guess: its signature was good.
        ? new Outcome.Rejected(reason, "The token expired: get another one", cause)
            .notCountedAsFailure()
        : new Outcome.Rejected(reason, Conditions.UNIFORM_DETAIL, cause);
  }

  private static final Outcome.Rejected IN_QUERY =
      new Outcome.Rejected(
          Reason.MALFORMED_REQUEST,
          "A token in a query string is refused, since URLs end up in logs: send it as"
              + " Authorization: Bearer, and sign out of this one",
          "a token in the query");
  private static final Outcome.Rejected MALFORMED_TOKEN =
      new Outcome.Rejected(
          Reason.INVALID_TOKEN,
          "The text has not the form of an access token",
          "not three parts of base64url; not verified");
}
