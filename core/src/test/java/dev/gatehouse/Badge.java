package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A method made for these tests: a field whose text is known, or not.
final class Badge implements Authenticator {

  /// The field that shows that a request with a badge of a session was meant.
  static final String MEANT = "Test-Meant";

  private final Method method;
  private final CredentialLocation location;
  private final String field;
  private final KeyedDigest digests = new KeyedDigest("badge");
  private final Map<String, Supplier<Outcome>> known = new HashMap<>();
  private final Map<String, Supplier<Outcome>> knownAgain = new HashMap<>();
  private boolean eachUse;
  private boolean slow;
  private boolean readsBody;
  private @Nullable String issuer;
  private final AtomicInteger asked = new AtomicInteger();

  Badge(Method method, CredentialLocation location, String field) {
    this.method = method;
    this.location = location;
    this.field = field;
  }

  /// What verifying this text answers.
  Badge answering(String text, Supplier<Outcome> outcome) {
    known.put(text, outcome);
    return this;
  }

  /// What verifying this text once more answers, without a new use of it.
  Badge answeringAgain(String text, Supplier<Outcome> outcome) {
    knownAgain.put(text, outcome);
    return this;
  }

  /// Knows this text as a credential without conditions.
  Badge knowing(String text, String subject, String... scopes) {
    return answering(text, () -> accepted(subject, text, unconditional(), scopes));
  }

  Outcome.Accepted accepted(String subject, String text, Conditions conditions, String... scopes) {
    return new Outcome.Accepted(
        new Principal(subject, method, "c_" + text, Scopes.of(scopes)),
        conditions,
        RootCredential.ofSecret(method + " c_" + text));
  }

  static Conditions unconditional() {
    return new Conditions(null, List.of(), null, Reason.INVALID_TOKEN);
  }

  static Conditions until(Instant end) {
    return new Conditions(end, List.of(), null, Reason.INVALID_TOKEN);
  }

  /// Makes no credential of it one that may be remembered.
  void verifiedAtEachUse() {
    eachUse = true;
  }

  /// Makes every credential of it one that takes a slow hash.
  void slow() {
    slow = true;
  }

  /// Makes every credential of it one that covers the body.
  void readingTheBody() {
    readsBody = true;
  }

  /// Makes every credential of it one that this issuer is asked about.
  void ofIssuer(String name) {
    issuer = name;
  }

  /// How often a credential was verified.
  int asked() {
    return asked.get();
  }

  @Override
  public Method method() {
    return method;
  }

  @Override
  public Set<String> fields() {
    return Set.of(field);
  }

  @Override
  public Set<String> schemes() {
    return Set.of();
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return null;
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    List<String> values = request.fields().values(field);
    if (values.isEmpty()) {
      return Presented.None.INSTANCE;
    }
    String text = values.getFirst();
    if (text.startsWith("!")) {
      return new Presented.Malformed(
          location,
          new Outcome.Rejected(Reason.MALFORMED_REQUEST, "That is no badge", "malformed"));
    }
    return new Presented.Credential() {
      @Override
      public CredentialLocation location() {
        return location;
      }

      @Override
      public @Nullable Digest memoryKey() {
        return eachUse ? null : digests.of(text.getBytes(StandardCharsets.UTF_8));
      }

      @Override
      public boolean isSlow() {
        return slow;
      }

      @Override
      public boolean readsBody() {
        return readsBody;
      }

      @Override
      public @Nullable String issuer() {
        return issuer;
      }

      @Override
      public CsrfCheck.Evidence csrfToken() {
        List<String> tokens = request.fields().values(MEANT);
        if (tokens.isEmpty() || method != Method.SESSION) {
          return CsrfCheck.Evidence.NONE;
        }
        return tokens.equals(List.of("1")) ? CsrfCheck.Evidence.OWN : CsrfCheck.Evidence.OTHER;
      }

      @Override
      public Outcome verify() {
        asked.incrementAndGet();
        return known
            .getOrDefault(
                text, () -> new Outcome.Rejected(Reason.INVALID_TOKEN, "No such badge", "unknown"))
            .get();
      }

      @Override
      public Outcome verifyAgain(Principal before) {
        Supplier<Outcome> again = knownAgain.get(text);
        return again == null ? verify() : again.get();
      }
    };
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return new Challenge(
        method.id(),
        rejected == null
            ? Map.of("realm", "test")
            : new java.util.TreeMap<>(Map.of("realm", "test", "error", "invalid_token")));
  }
}
