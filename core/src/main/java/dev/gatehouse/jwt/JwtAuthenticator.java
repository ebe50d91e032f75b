package dev.gatehouse.jwt;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Carrier;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.Standing;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import dev.gatehouse.signing.SigningKeys;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Proves the holder of an access token.
///
/// A signature and claims prove that the token was issued; what it rests on is asked for, so that
/// it ends when that is revoked and allows no more than the owner may do now. Thread-safe; at most
/// one look-up of what it rests on per call, and one of an unknown key.
public final class JwtAuthenticator implements Authenticator {

  private static final String SCHEME = "Bearer";
  private static final Pattern PAIR_ENDS = Pattern.compile("[&;]");

  private final JwtSettings settings;
  private final AccessTokens accessTokens;
  private final Function<String, Optional<Standing>> standings;
  private final Roles roles;
  private final KeyedDigest memoryKeys = new KeyedDigest("jwt");

  /// @param standings what a token's `sid` stands for now, as [Tokens#standing] says
  public JwtAuthenticator(
      JwtSettings settings,
      AccessTokens accessTokens,
      Function<String, Optional<Standing>> standings,
      Roles roles) {
    this.settings = settings;
    this.accessTokens = accessTokens;
    this.standings = standings;
    this.roles = roles;
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
    return Set.of(SCHEME);
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", settings.realm());
    // RFC 6750 §3.1: no error code for a request that held no token.
    if (rejected == Reason.INVALID_TOKEN || rejected == Reason.TOKEN_EXPIRED) {
      parameters.put("error", "invalid_token");
    }
    return new Challenge(SCHEME, parameters);
  }

  // RFC 6750 §3: with a token that does not allow it, too; §3.1: insufficient_scope may say which.
  @Override
  public Optional<Challenge> lacking(@Nullable Scopes required) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", settings.realm());
    parameters.put("error", "insufficient_scope");
    if (required != null) {
      parameters.put("scope", required.toString());
    }
    return Optional.of(new Challenge(SCHEME, parameters));
  }

  // RFC 6750 §2.3 would allow `access_token`; §5.3 says why not: URLs end up in logs and histories.
  // By whatever name, and only what is ours: an upstream's own parameters are none of our business.
  @Override
  public Outcome.@Nullable Rejected misplaced(AuthRequest request) {
    if (request.target().indexOf('?') < 0) {
      return null;
    }
    for (String pair : PAIR_ENDS.split(request.query(), -1)) {
      if (looksLikeOurs(decoded(pair.substring(pair.indexOf('=') + 1)))) {
        return IN_QUERY;
      }
    }
    return null;
  }

  private static boolean looksLikeOurs(String text) {
    return PresentedRefreshToken.parse(text).isPresent()
        || PresentedJwt.parse(text)
            .filter(
                token ->
                    JoseHeader.read(token.header()) instanceof Check.Passed<JoseHeader>(var header)
                        && header.saysAccessToken()
                        && SigningKeys.namesKey(header.keyId()))
            .isPresent();
  }

  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException noEncoding) {
      return text;
    }
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    String text = request.credentials(SCHEME);
    if (text == null) {
      return Presented.None.INSTANCE;
    }
    Optional<PresentedJwt> token = PresentedJwt.parse(text);
    return token.isEmpty()
        ? new Presented.Malformed(Carrier.AUTHORIZATION, NO_TOKEN)
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
    public Carrier carrier() {
      return Carrier.AUTHORIZATION;
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
                  .apply(verified.sid())
                  .map(standing -> judge(verified, standing))
                  .orElse(notStanding(verified.sid() + " does not stand"));
        };
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }
  }

  private Outcome judge(VerifiedToken token, Standing standing) {
    Account owner = standing.owner();
    if (owner.disabled()) {
      return notStanding("the owner of " + token.sid() + ", " + owner.id() + ", is disabled");
    }
    if (!owner.id().equals(token.subject())) {
      return notStanding(token.sid() + " is not of the token's subject");
    }
    // A right that was taken away is gone at once, whatever the token says.
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
            // A client that hears of expiry gets another token; there is none of what ended.
            endsFirst ? Reason.INVALID_TOKEN : Reason.TOKEN_EXPIRED,
            token.certificate()));
  }

  // No guess: its signature was good.
  private static Outcome.Rejected notStanding(String cause) {
    return rejected(Reason.INVALID_TOKEN, cause).uncounted();
  }

  private static Outcome.Rejected rejected(Reason reason, String cause) {
    return reason == Reason.TOKEN_EXPIRED
        // No guess: its signature was good.
        ? new Outcome.Rejected(reason, "The token expired: get another one", cause).uncounted()
        : new Outcome.Rejected(reason, Conditions.NOT_GOOD, cause);
  }

  private static final Outcome.Rejected IN_QUERY =
      new Outcome.Rejected(
          Reason.MALFORMED_REQUEST,
          "A token in a query string is refused, since URLs end up in logs: send it as"
              + " Authorization: Bearer, and sign out of this one",
          "a token in the query");
  private static final Outcome.Rejected NO_TOKEN =
      new Outcome.Rejected(
          Reason.INVALID_TOKEN,
          "The text has not the form of an access token",
          "not three parts of base64url; not verified");
}
