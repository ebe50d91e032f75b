package dev.gatehouse.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.bearer.BearerScheme;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Authenticates the holder of an access token of another issuer.
///
/// The issuer's keys, or the issuer itself (RFC 7662), establish what the token says. The settings
/// say what that allows here. Thread-safe; a verification asks the issuer at most once, and makes
/// one look-up of denials and one of a linked account.
public final class OAuthAuthenticator implements Authenticator {

  private static final int MAX_KNOWN_TOKENS = 50_000;

  // RFC 6750 §2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  // The answer of an issuer counts on an open stream for a little longer than in memory, so that a
  // remembered acceptance has not expired.
  private static final Duration EXPIRY_MARGIN = Duration.ofSeconds(30);

  /// The path of a resource's metadata, which precedes the path of the resource (RFC 9728 §3).
  public static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

  // RFC 3986 §3.3: the characters of a path. For any other path, the challenge names the metadata
  // of the root.
  private static final Pattern PLAIN_PATH =
      Pattern.compile("/[A-Za-z0-9/._~%!$&'()*+,;=:@-]{0,500}");

  private final OAuthSettings settings;
  private final Map<String, TrustedIssuer> issuers = new HashMap<>();
  private final @Nullable TrustedIssuer askedOfOpaque;
  private final DeniedTokenStore denied;
  private final BiFunction<String, String, Optional<Account>> accounts;
  private final Roles roles;
  private final BearerTokenClassifier sorting;
  private final Clock clock;
  private final KeyedDigest memoryKeys = new KeyedDigest("oauth");
  // Tokens that their issuer called active when it was last asked.
  private final Cache<Digest, Boolean> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN_TOKENS).build();

  /// @param accounts returns the account that is linked with an issuer's subject
  /// @param sorting says which bearer tokens are for this method, and which no issuer may see
  public OAuthAuthenticator(
      OAuthSettings settings,
      DeniedTokenStore denied,
      BiFunction<String, String, Optional<Account>> accounts,
      Roles roles,
      BearerTokenClassifier sorting,
      Clock clock) {
    this.settings = settings;
    settings.issuers().forEach(issuer -> issuers.put(issuer.issuer(), issuer));
    List<TrustedIssuer> asked =
        settings.issuers().stream()
            .filter(issuer -> issuer.validation() instanceof TrustedIssuer.ByIntrospection)
            .toList();
    // If two issuers could know the token, one of them would see a token of the other.
    this.askedOfOpaque = asked.size() == 1 ? asked.getFirst() : null;
    this.denied = denied;
    this.accounts = accounts;
    this.roles = roles;
    this.sorting = sorting;
    this.clock = clock;
  }

  @Override
  public Method method() {
    return Method.OAUTH;
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
    return named(BearerScheme.challenge(settings.realm(), rejected), "");
  }

  @Override
  public Challenge challenge(AuthRequest request, @Nullable Reason rejected) {
    String path = request.path();
    return named(
        BearerScheme.challenge(settings.realm(), rejected),
        PLAIN_PATH.matcher(path).matches() && path.length() > 1 ? path : "");
  }

  // RFC 9728 §5.1: where the metadata says whose tokens the resource accepts. §3.3: it must be that
  // of the requested URL, so that a client can trust it.
  private Challenge named(Challenge challenge, String path) {
    Map<String, String> parameters = new LinkedHashMap<>(challenge.parameters());
    parameters.put("resource_metadata", settings.origin() + METADATA_PATH + path);
    return new Challenge(challenge.scheme(), parameters);
  }

  @Override
  public Optional<Challenge> insufficientScope(@Nullable Scopes required) {
    return Optional.of(BearerScheme.insufficientScope(settings.realm(), required));
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return BearerScheme.isInQuery(request, this::isForUs) ? IN_QUERY : null;
  }

  // An ID token of the same issuer may be in a query for the upstream: `id_token_hint`.
  private boolean isForUs(String text) {
    PresentedJwt token = PresentedJwt.parse(text).orElse(null);
    Map<String, @Nullable Object> claims =
        token == null ? null : Json.object(token.payload()).orElse(null);
    TrustedIssuer issuer =
        claims != null && claims.get("iss") instanceof String name ? issuers.get(name) : null;
    return claims != null && issuer != null && ForeignClaims.isFor(issuer, claims);
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    String text = request.credentials(BearerScheme.NAME);
    if (text == null || sorting.methodOf(text, policy) != Method.OAUTH) {
      return Presented.None.INSTANCE;
    }
    if (text.length() > PresentedJwt.MAX_CHARS || !TOKEN.matcher(text).matches()) {
      return new Presented.Malformed(CredentialLocation.AUTHORIZATION, MALFORMED_TOKEN);
    }
    PresentedJwt token = PresentedJwt.parse(text).orElse(null);
    String name = token == null ? null : BearerTokenClassifier.issuer(token);
    TrustedIssuer issuer = name == null ? askedOfOpaque : issuers.get(name);
    if (issuer == null) {
      return new Presented.Malformed(
          CredentialLocation.AUTHORIZATION, rejected("no trusted issuer issued the token"));
    }
    if (token == null && !(issuer.validation() instanceof TrustedIssuer.ByIntrospection)) {
      return new Presented.Malformed(CredentialLocation.AUTHORIZATION, MALFORMED_TOKEN);
    }
    return new Found(text, token, issuer, request.peer());
  }

  private final class Found implements Presented.Credential {

    private final String text;
    private final @Nullable PresentedJwt token;
    private final TrustedIssuer issuer;
    private final InetAddress from;

    Found(String text, @Nullable PresentedJwt token, TrustedIssuer issuer, InetAddress from) {
      this.from = from;
      this.text = text;
      this.token = token;
      this.issuer = issuer;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.AUTHORIZATION;
    }

    @Override
    public @Nullable Digest memoryKey() {
      return issuer.validation() instanceof TrustedIssuer.ByIntrospection asking
              && !asking.remembered()
          ? null
          : digest();
    }

    private Digest digest() {
      return memoryKeys.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String issuer() {
      return issuer.issuer();
    }

    private boolean isAskedAbout() {
      return issuer.validation() instanceof TrustedIssuer.ByIntrospection;
    }

    @Override
    public boolean isThrottled() {
      return isAskedAbout() && known.getIfPresent(digest()) == null;
    }

    @Override
    public Outcome verify() {
      Outcome outcome = judged();
      if (isAskedAbout() && outcome instanceof Outcome.Accepted) {
        known.put(digest(), true);
      } else if (isAskedAbout() && outcome instanceof Outcome.Rejected) {
        known.invalidate(digest());
      }
      return outcome;
    }

    private Outcome judged() {
      try {
        Check<ForeignClaims> claims =
            switch (issuer.validation()) {
              case TrustedIssuer.BySignature signed ->
                  token == null ? Check.invalid("no token") : bySignature(token, issuer, signed);
              case TrustedIssuer.ByIntrospection asking ->
                  sorting.isWithheldFromIssuers(text, token) ? WITHHELD_FROM_ISSUERS : told(asking);
            };
        return switch (claims) {
          case Check.Failed<ForeignClaims>(var reason, var cause) -> rejected(reason, cause);
          case Check.Passed<ForeignClaims>(var passed) -> judge(passed, issuer);
        };
      } catch (IssuerUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable, unavailable.retryAfter());
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }

    private Check<ForeignClaims> told(TrustedIssuer.ByIntrospection asking) {
      Map<String, @Nullable Object> told = asking.introspection().of(text, from).orElse(null);
      if (told == null) {
        return Check.invalid("its issuer says that it is not active");
      }
      Map<String, @Nullable Object> own = Map.of();
      if (token != null) {
        if (!JoseHeader.mayBeOfAccessToken(token.header())) {
          return Check.invalid("its header is not that of an access token");
        }
        own = Json.object(token.payload()).orElse(own);
      }
      return ForeignClaims.introspected(told, own, issuer, settings.clockSkew(), clock.instant());
    }
  }

  private Check<ForeignClaims> bySignature(
      PresentedJwt token, TrustedIssuer issuer, TrustedIssuer.BySignature signed) {
    Check<JoseHeader> read = JoseHeader.readForeign(token.header());
    if (!(read instanceof Check.Passed<JoseHeader>(var header))) {
      return Check.invalid(((Check.Failed<JoseHeader>) read).cause());
    }
    boolean typed = header.saysAccessToken();
    // RFC 9068 §4 requires the type of access tokens. Older issuers use that of RFC 7519 §5.1.
    if (!typed && !(signed.untyped() && header.saysNoMoreThanJwt())) {
      return Check.invalid("its typ is not that of an access token");
    }
    return switch (ForeignJwt.verify(token, header, signed.keys())) {
      case Check.Failed(var reason, var cause) -> new Check.Failed<>(reason, cause);
      case Check.Passed(var claims) ->
          ForeignClaims.signed(claims, issuer, typed, settings.clockSkew(), clock.instant());
    };
  }

  private Outcome judge(ForeignClaims claims, TrustedIssuer issuer) {
    DeniedToken denial = denial(claims, issuer);
    String identity =
        claims.ofClient()
            ? ForeignNames.clientAsSubject(issuer.issuer(), claims.subject())
            : ForeignNames.subject(issuer.issuer(), claims.subject());
    String subject = identity;
    if (denial != null) {
      return notStanding(denial.id() + " denies " + subject);
    }
    Scopes scopes = issuer.scopes().of(claims.all());
    if (issuer.subjects().linked()) {
      if (claims.ofClient()) {
        // A client's id is not a subject: a person with that name may be linked.
        return notStanding("it is the own token of the client " + subject);
      }
      Account account = accounts.apply(issuer.issuer(), claims.subject()).orElse(null);
      if (account == null) {
        return notStanding("no account is linked with " + subject);
      }
      if (account.disabled()) {
        return notStanding("the account of " + subject + ", " + account.id() + ", is disabled");
      }
      scopes = scopes.intersect(roles.of(account));
      subject = account.id();
    }
    return new Outcome.Accepted(
        new Principal(
            subject,
            Method.OAUTH,
            ForeignNames.credential(issuer.issuer(), claims.client()),
            scopes),
        new Conditions(
            end(claims, issuer),
            List.of(),
            null,
            Reason.INVALID_TOKEN,
            Reason.TOKEN_EXPIRED,
            claims.certificate()),
        RootCredential.ofSignIn(identity));
  }

  // An administrator who has the token denies the subject that it names.
  private @Nullable DeniedToken denial(ForeignClaims claims, TrustedIssuer issuer) {
    DeniedToken denial = null;
    for (String subject : Arrays.asList(claims.subject(), claims.ownSubject())) {
      if (denial == null && subject != null) {
        denial =
            denied
                .denying(issuer.issuer(), subject, claims.tokenId(), clock.instant())
                .orElse(null);
      }
    }
    return denial;
  }

  private @Nullable Instant end(ForeignClaims claims, TrustedIssuer issuer) {
    if (!(issuer.validation() instanceof TrustedIssuer.ByIntrospection)) {
      return claims.expiresAt();
    }
    Instant told = clock.instant().plus(settings.remembered()).plus(EXPIRY_MARGIN);
    return claims.expiresAt() != null && claims.expiresAt().isBefore(told)
        ? claims.expiresAt()
        : told;
  }

  // This is not a guess: its issuer vouches for it.
  private static Outcome.Rejected notStanding(String cause) {
    return rejected(cause).notCountedAsFailure();
  }

  private static Outcome.Rejected rejected(String cause) {
    return rejected(Reason.INVALID_TOKEN, cause);
  }

  private static Outcome.Rejected rejected(Reason reason, String cause) {
    return reason == Reason.TOKEN_EXPIRED
        // This is not a guess: its issuer vouches for it.
        ? new Outcome.Rejected(reason, "The token expired: get another one", cause)
            .notCountedAsFailure()
        : new Outcome.Rejected(reason, Conditions.UNIFORM_DETAIL, cause);
  }

  private static final Outcome.Rejected IN_QUERY =
      new Outcome.Rejected(
          Reason.MALFORMED_REQUEST,
          "A token in a query string is refused, since URLs end up in logs: send it as"
              + " Authorization: Bearer, and let this one be revoked",
          "a token in the query");
  private static final Check<ForeignClaims> WITHHELD_FROM_ISSUERS =
      Check.invalid(
          "a secret of this gate in place of a token, or a damaged token; no issuer was asked");
  private static final Outcome.Rejected MALFORMED_TOKEN =
      new Outcome.Rejected(
          Reason.INVALID_TOKEN,
          "The text has not the form of an access token",
          "no token of a form that any configured issuer has; not verified");
}
