package dev.gatehouse.server.wire;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.BodyDigest;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.gateway.Gateway;
import dev.gatehouse.server.gateway.GatewaySettings;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.BoundedAccept;
import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.listen.ListenLimits;
import dev.gatehouse.server.listen.Listener;
import dev.gatehouse.server.listen.ListenerSettings;
import dev.gatehouse.server.listen.TlsSettings;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.signing.SigningKeys;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A listener and a gateway on a free port, with a gate that takes `X-API-Key: good` from memory
/// and `X-API-Key: asked` after a question, with a body of the digest that it names. It also takes
/// `Authorization: Bearer good`, after a question each time. Nothing on its event loops may block.
public final class TestHouse implements AutoCloseable {

  /// What a house can be built with.
  public static final class Plan {
    private final List<Route<Upstream>> routes = new ArrayList<>();
    private Map<String, OwnPath> ownPaths = Map.of();
    private ListenLimits limits = ListenLimits.DEFAULT;
    private GatewaySettings settings = GatewaySettings.DEFAULT;
    private List<Network> proxies = List.of();
    private @Nullable Hsts hsts;
    private boolean tls = true;
    private int maxAdmissions = 1000;
    private int failedAttemptsPerMinute = 100_000;
    private IdentityTokens identities = TestHouse.identities(new InMemorySigningKeyStore());
    private final List<Authenticator> authenticators = new ArrayList<>();
    private boolean tokens = true;

    /// Leaves the schemes `Bearer` and `Basic` to the upstream.
    public Plan withoutTokens() {
      tokens = false;
      return this;
    }

    /// Takes what another method proves, too.
    public Plan and(Authenticator another) {
      authenticators.add(another);
      return this;
    }

    public Plan identities(IdentityTokens some) {
      identities = some;
      return this;
    }

    public Plan maxAdmissions(int some) {
      maxAdmissions = some;
      return this;
    }

    public Plan failedAttemptsPerMinute(int some) {
      failedAttemptsPerMinute = some;
      return this;
    }

    public Plan route(Route<Upstream> route) {
      routes.add(route);
      return this;
    }

    public Plan hsts(Hsts some) {
      hsts = some;
      return this;
    }

    public Plan ownPaths(Map<String, OwnPath> paths) {
      ownPaths = paths;
      return this;
    }

    public Plan limits(ListenLimits some) {
      limits = some;
      return this;
    }

    public Plan settings(GatewaySettings some) {
      settings = some;
      return this;
    }

    public Plan trustedProxies(Network... networks) {
      proxies = List.of(networks);
      return this;
    }

    public Plan plain() {
      tls = false;
      return this;
    }

    public TestHouse build() {
      return new TestHouse(this);
    }
  }

  /// Who `good` and `asked` are.
  public static final Principal ALICE =
      new Principal("u_alice", Method.API_KEY, "k_1", Scopes.of("orders:read"));

  /// The field in which a caller with the key `asked` says what its body hashes to (SHA-256, hex).
  public static final String DIGEST_FIELD = "X-Test-Digest";

  private static final TestCertificates CERTIFICATES = new TestCertificates("localhost");
  private static final int EVENT_LOOPS = 2;

  // Of the attempts that tests make on purpose, none is one too many.

  /// How often a key was asked about.
  public final AtomicInteger verified = new AtomicInteger();

  private final AtomicBoolean revoked = new AtomicBoolean();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(Clock.systemUTC());

  private final Vertx vertx;
  private final Queue<String> blocked = new ConcurrentLinkedQueue<>();
  private final Gateway gateway;
  private final Admissions admissions;
  private final Listener listener;
  private final boolean tls;

  private volatile CompletableFuture<Void> question = CompletableFuture.completedFuture(null);

  private TestHouse(Plan plan) {
    tls = plan.tls;
    vertx =
        BoundedAccept.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(EVENT_LOOPS)
                .setBlockedThreadCheckInterval(20)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
                .setMaxEventLoopExecuteTime(1)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.SECONDS),
            plan.limits,
            plan.proxies);
    ((VertxInternal) vertx)
        .blockedThreadChecker()
        .setThreadBlockedHandler(
            event -> blocked.add(List.of(event.thread().getStackTrace()).toString()));
    List<Authenticator> authenticators = new ArrayList<>(plan.authenticators);
    if (plan.tokens) {
      authenticators.addFirst(new Tokens());
    }
    authenticators.addFirst(new Keys());
    Gate gate =
        Gate.inProcess(
            feed, plan.failedAttemptsPerMinute, authenticators.toArray(Authenticator[]::new));
    remember(gate);
    admissions = new Admissions(gate, plan.maxAdmissions);
    gateway =
        new Gateway(
            vertx,
            plan.settings,
            new Gateway.Paths(new Routes<>(plan.routes), plan.ownPaths),
            new Gateway.Callers(admissions, plan.identities));
    listener =
        await(
            Listener.start(
                vertx,
                new ListenerSettings(
                    "localhost",
                    0,
                    tls
                        ? new TlsSettings(CERTIFICATES.certificatePem(), CERTIFICATES.keyPem())
                        : null,
                    plan.proxies,
                    null,
                    plan.hsts,
                    plan.limits,
                    EVENT_LOOPS),
                gateway));
    warmUp();
  }

  // The first connection of a process loads classes and native libraries: on a busy machine that
  // alone takes long.
  private void warmUp() {
    for (int i = 0; i < EVENT_LOOPS; i++) {
      try (RawClient client = connect()) {
        client.ask("GET /..%2f HTTP/1.1\r\nHost: localhost\r\n\r\n");
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
    blocked.clear();
  }

  // `good` is recalled from the first request on.
  private static void remember(Gate gate) {
    AuthRequest good =
        new AuthRequest(
            "GET",
            "/",
            HeaderFields.of(Map.of("X-API-Key", List.of("good"))),
            InetAddress.getLoopbackAddress());
    Policy policy = Policy.accepting(Method.API_KEY);
    gate.admit(good, policy);
    if (gate.recall(good, policy).isEmpty()) {
      throw new AssertionError("an accepted key is recalled");
    }
  }

  /// Begins a plan.
  public static Plan plan() {
    return new Plan();
  }

  private static IdentityTokens identities(SigningKeyStore store) {
    SigningAlgorithm.loadProvider(); // else the first event loop that signs waits for it
    return new IdentityTokens(
        new SigningKeys(
            store,
            new Seal(RandomIds.bytes(32)),
            IdentityTokens.PURPOSE,
            SigningAlgorithm.ES256,
            Duration.ofDays(1),
            Duration.ofHours(1),
            Clock.systemUTC()),
        "localhost",
        Clock.systemUTC(),
        Ticker.systemTicker());
  }

  /// A route for all paths of an upstream, for callers with a key.
  public static Route<Upstream> guarded(Upstream upstream) {
    return new Route<>(
        null,
        "/",
        Policy.accepting(Method.API_KEY, Method.JWT),
        dev.gatehouse.route.CorsPolicy.NONE,
        upstream);
  }

  /// A route for everybody.
  public static Route<Upstream> open(String path, Upstream upstream) {
    return new Route<>(
        null, path, Policy.openToAll(), dev.gatehouse.route.CorsPolicy.NONE, upstream);
  }

  /// Takes Alice's keys back: none is accepted any more, and the feed says so.
  public void revoke() {
    revoked.set(true);
    mention();
  }

  /// Says in the feed that something of Alice's changed.
  public void mention() {
    feed.<Boolean>change(
        change -> {
          change.forget(FeedEntry.Kind.SUBJECT, ALICE.subject());
          return true;
        });
  }

  /// Makes questions wait until that future is complete.
  public void hold(CompletableFuture<Void> until) {
    question = until;
  }

  /// Its port.
  public int port() {
    return listener.port();
  }

  /// Its listener.
  public Listener listener() {
    return listener;
  }

  /// Its Vert.x.
  public Vertx vertx() {
    return vertx;
  }

  /// A raw connection to it.
  public RawClient connect() {
    return connect("http/1.1");
  }

  /// A raw connection to it, by that protocol.
  public RawClient connect(String protocol) {
    return new RawClient(port(), tls ? CERTIFICATES.trust() : null, protocol);
  }

  /// Who trusts it.
  public SSLContext trust() {
    return CERTIFICATES.trust();
  }

  /// A client that trusts it.
  public HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder().version(version).sslContext(CERTIFICATES.trust()).build();
  }

  /// A request with Alice's key.
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + port() + path))
        .header("X-API-Key", "good")
        .timeout(Duration.ofSeconds(20));
  }

  /// Waits for the condition; fails when it does not come true.
  public static void eventually(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it did not come true in time");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /// Waits for the future.
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException failed) {
      throw new AssertionError(failed);
    }
  }

  /// Fails when an event loop was blocked.
  @Override
  public void close() {
    admissions.close();
    await(vertx.close());
    if (!blocked.isEmpty()) {
      throw new AssertionError("blocked: " + blocked);
    }
  }

  /// Takes `good`, to be remembered, and `asked`, which is asked about each time.
  private final class Keys implements Authenticator {

    @Override
    public Method method() {
      return Method.API_KEY;
    }

    @Override
    public Challenge challenge(@Nullable Reason rejected) {
      return Challenge.of("ApiKey", "test");
    }

    @Override
    public Set<String> fields() {
      return Set.of("X-API-Key");
    }

    @Override
    public Set<String> schemes() {
      return Set.of("ApiKey");
    }

    @Override
    public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
      return null;
    }

    @Override
    public Presented find(AuthRequest request, Policy policy) {
      List<String> keys = request.fields().values("X-API-Key");
      if (keys.isEmpty()) {
        return Presented.None.INSTANCE;
      }
      String key = keys.getFirst();
      if (keys.size() == 1 && (key.equals("good") || key.equals("asked"))) {
        return new Key(key, request.fields().values(DIGEST_FIELD));
      }
      return new Presented.Malformed(CredentialLocation.API_KEY_FIELD, WRONG);
    }
  }

  private final class Key implements Presented.Credential {

    private final String text;
    private final @Nullable BodyDigest digest;

    Key(String text, List<String> digests) {
      this.text = text;
      this.digest =
          digests.isEmpty()
              ? null
              : new BodyDigest("SHA-256", HexFormat.of().parseHex(digests.getFirst()));
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.API_KEY_FIELD;
    }

    @Override
    public @Nullable Digest memoryKey() {
      return text.equals("good") ? Digest.sha256(new byte[0]) : null;
    }

    @Override
    public Outcome verify() {
      verified.incrementAndGet();
      question.join();
      return revoked.get()
          ? WRONG
          : new Outcome.Accepted(
              ALICE,
              new Conditions(null, List.of(), null, Reason.INVALID_API_KEY),
              RootCredential.ofSecret(ALICE.credential()),
              digest,
              null);
    }
  }

  /// Takes `good`, which is asked about each time. Any other token is none of its own.
  private final class Tokens implements Authenticator {

    @Override
    public Method method() {
      return Method.JWT;
    }

    @Override
    public Challenge challenge(@Nullable Reason rejected) {
      return Challenge.of("Bearer", "test");
    }

    @Override
    public Set<String> fields() {
      return Set.of();
    }

    @Override
    public Set<String> schemes() {
      return Set.of("Bearer", "Basic");
    }

    @Override
    public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
      return null;
    }

    @Override
    public Presented find(AuthRequest request, Policy policy) {
      return request.fields().values("Authorization").equals(List.of("Bearer good"))
          ? new Token()
          : Presented.None.INSTANCE;
    }
  }

  private final class Token implements Presented.Credential {

    @Override
    public CredentialLocation location() {
      return CredentialLocation.AUTHORIZATION;
    }

    @Override
    public @Nullable Digest memoryKey() {
      return null;
    }

    @Override
    public Outcome verify() {
      verified.incrementAndGet();
      question.join();
      return revoked.get()
          ? WRONG
          : new Outcome.Accepted(
              new Principal(ALICE.subject(), Method.JWT, "t_1", ALICE.scopes()),
              new Conditions(null, List.of(), null, Reason.INVALID_TOKEN),
              RootCredential.ofSignIn("t_1"));
    }
  }

  private static final Outcome.Rejected WRONG =
      new Outcome.Rejected(Reason.INVALID_API_KEY, "That key is not good", "not good");
}
