package dev.gatehouse.apikey;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.route.QueryPairs;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Authenticates an application by the API key that it sends.
///
/// The secret has 256 random bits, so one SHA-256 is sufficient for storage, and the digest is also
/// the look-up key. Checks the form and checksum before it looks a key up. Does not check expiry,
/// networks and rate: they are conditions of the acceptance. Thread-safe; makes at most one look-up
/// for each verification.
public final class ApiKeyAuthenticator implements Authenticator {

  private static final String FIELD = "X-API-Key";
  private static final String SCHEME = "ApiKey";
  private static final Set<String> QUERY_NAMES =
      Set.of("api_key", "apikey", "api-key", "x-api-key", "x_api_key");

  private static final int MIN_QUERY_NAME_CHARS = "apikey".length();
  private static final int ENCODED_CHARS = 3;
  private static final int MAX_QUERY_NAME_CHARS = ENCODED_CHARS * "x-api-key".length();

  private final ApiKeySettings settings;
  private final ApiKeyStore store;
  private final Roles roles;
  private final KeyedDigest memoryKeys = new KeyedDigest("apikey");

  /// @param store where keys are looked up
  /// @param roles the roles of the owners
  public ApiKeyAuthenticator(ApiKeySettings settings, ApiKeyStore store, Roles roles) {
    this.settings = settings;
    this.store = store;
    this.roles = roles;
  }

  @Override
  public Method method() {
    return Method.API_KEY;
  }

  @Override
  public Set<String> fields() {
    return Set.of(FIELD);
  }

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return Challenge.of(SCHEME, settings.realm());
  }

  // A query is written to logs, histories and Referer fields.
  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return request.target().indexOf('?') >= 0
            && QueryPairs.any(
                request.query(),
                QueryPairs.Part.VALUE,
                settings.prefix().length(),
                value -> begins(value, settings.prefix()))
        ? IN_QUERY
        : null;
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    List<String> fields = request.fields().values(FIELD);
    String authorization = request.credentials(SCHEME);
    CredentialLocation location =
        authorization == null ? CredentialLocation.API_KEY_FIELD : CredentialLocation.AUTHORIZATION;
    if (fields.size() + (authorization == null ? 0 : 1) > 1) {
      return new Presented.Malformed(location, TWO_KEYS);
    }
    // A parameter without the form of a key may belong to the upstream. It is rejected only on a
    // route that accepts keys.
    if (request.target().indexOf('?') >= 0
        && QueryPairs.any(
            request.query(),
            QueryPairs.Part.NAME,
            MIN_QUERY_NAME_CHARS,
            name ->
                name.length() <= MAX_QUERY_NAME_CHARS
                    && QUERY_NAMES.contains(decoded(name).toLowerCase(Locale.ROOT)))) {
      return new Presented.Malformed(
          fields.isEmpty() && authorization == null ? CredentialLocation.QUERY : location,
          IN_QUERY);
    }
    if (fields.isEmpty() && authorization == null) {
      return Presented.None.INSTANCE;
    }
    Optional<PresentedApiKey> key =
        PresentedApiKey.parse(
            authorization == null ? fields.getFirst() : authorization, settings.prefix());
    return key.isEmpty()
        ? new Presented.Malformed(location, MALFORMED_KEY)
        : new Found(location, key.get(), memoryKeys.of(key.get().bytes()));
  }

  private static boolean begins(String value, String prefix) {
    int most = Math.min(value.length(), ENCODED_CHARS * prefix.length());
    return decoded(value.substring(0, most)).startsWith(prefix);
  }

  // Decodes as servers do (WHATWG URL §5.1), but never fails: a broken encoding is left as it is.
  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%'
          && i + 2 < text.length()
          && HexFormat.isHexDigit(text.charAt(i + 1))
          && HexFormat.isHexDigit(text.charAt(i + 2))) {
        c = (char) HexFormat.fromHexDigits(text, i + 1, i + 3);
        i += 2;
      }
      decoded.append(c);
    }
    return decoded.toString();
  }

  private final class Found implements Presented.Credential {

    private final CredentialLocation location;
    private final PresentedApiKey key;
    private final Digest memoryKey;

    Found(CredentialLocation location, PresentedApiKey key, Digest memoryKey) {
      this.location = location;
      this.key = key;
      this.memoryKey = memoryKey;
    }

    @Override
    public CredentialLocation location() {
      return location;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    @Override
    public Outcome verify() {
      try {
        return store
            .byDigest(key.digest())
            .map(ApiKeyAuthenticator.this::judge)
            .orElse(rejected("no such key"));
      } catch (StoreUnavailableException unavailable) {
        return new Outcome.Unavailable(unavailable);
      }
    }
  }

  private Outcome judge(OwnedCredential<StoredApiKey> owned) {
    String refusal = owned.refusal();
    return refusal != null
        ? rejected(refusal)
        : new Outcome.Accepted(
            owned.principal(Method.API_KEY, roles),
            owned.credential().terms().conditions(Reason.INVALID_API_KEY),
            StoredApiKey.root(owned.credential()));
  }

  private static Outcome.Rejected rejected(String cause) {
    return new Outcome.Rejected(Reason.INVALID_API_KEY, Conditions.UNIFORM_DETAIL, cause);
  }

  private static final Outcome.Rejected TWO_KEYS =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "Send one API key, in one place: X-API-Key or Authorization",
          "more than one API key");
  private static final Outcome.Rejected IN_QUERY =
      new Outcome.Rejected(
          Reason.MALFORMED_REQUEST,
          "An API key in a query string is refused, since URLs end up in logs: send it as"
              + " X-API-Key, and rotate this one",
          "an API key in the query");
  private static final Outcome.Rejected MALFORMED_KEY =
      new Outcome.Rejected(
          Reason.INVALID_API_KEY,
          "The text has not the form of a key: it is mistyped or cut off",
          "wrong form or checksum; not looked up");
}
