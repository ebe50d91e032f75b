package dev.gatehouse.server.cli;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Authenticator;
import dev.gatehouse.FailureText;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.RefusalLog;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Webhook;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.apikey.ApiKeyAuthenticator;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.basic.BasicAuthenticator;
import dev.gatehouse.basic.BasicSettings;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.SignatureProfile;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.replay.UntimedEventTime;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.hmac.aws.AwsProfile;
import dev.gatehouse.hmac.message.MessageSignatureProfile;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.JwtAuthenticator;
import dev.gatehouse.jwt.JwtSettings;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ProviderTokens;
import dev.gatehouse.password.PasswordHashes;
import dev.gatehouse.password.PasswordSettings;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.revocation.FeedFollower;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.admin.AdminListener;
import dev.gatehouse.server.admin.ClientCertificateAdministration;
import dev.gatehouse.server.admin.MethodUsage;
import dev.gatehouse.server.admin.PeopleAdministration;
import dev.gatehouse.server.config.CorsConfig;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.LimitsConfig;
import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.config.OwnSecretForms;
import dev.gatehouse.server.config.PasswordConfig;
import dev.gatehouse.server.config.RetentionConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.config.UpstreamConfig;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.gateway.Gateway;
import dev.gatehouse.server.gateway.GatewaySettings;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.SignInLink;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.BoundedAccept;
import dev.gatehouse.server.listen.ListenLimits;
import dev.gatehouse.server.listen.Listener;
import dev.gatehouse.server.listen.ListenerSettings;
import dev.gatehouse.server.listen.TlsSettings;
import dev.gatehouse.server.signin.AccountItems;
import dev.gatehouse.server.signin.AccountPaths;
import dev.gatehouse.server.signin.Pages;
import dev.gatehouse.server.signin.SignInPaths;
import dev.gatehouse.server.signin.TokenPaths;
import dev.gatehouse.server.status.StatusPaths;
import dev.gatehouse.server.tls.ClientTrustReloader;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.server.tls.ServerCertificate;
import dev.gatehouse.server.tls.WatchedCertificate;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.store.SqlDatabase;
import dev.gatehouse.store.SqlSettings;
import dev.gatehouse.store.SqlReplayStore;
import dev.gatehouse.store.UnusableDatabaseException;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.SignInAttempts;
import dev.gatehouse.usage.Usage;
import dev.gatehouse.usage.UsageStore;
import dev.gatehouse.usage.UsageWriter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts the rooms together into a gate that runs, and takes them apart again.
///
/// The one place that knows every method and every store.
final class Wiring implements Running.Part {

  private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

  private static final String DATABASE_FILE = "gatehouse.db";
  private static final String USES_FILE = "uses.db";

  // Revocation reaches every node within a second: a change is read within the interval, and a feed
  // that was not read for longer than the silence is not believed. Together they stay below it.
  private static final Duration FEED_INTERVAL = Duration.ofMillis(200);
  private static final Duration FEED_SILENCE = Duration.ofMillis(750);
  private static final int MAX_REVOKED_NAMES = 100_000;
  private static final Duration FEED_KEPT = Duration.ofDays(1);

  private static final Duration SIGNING_KEY_LIFE = Duration.ofDays(30);
  private static final Duration SIGNING_KEY_OVERLAP = Duration.ofHours(1);

  // Longer than any access token: what a retired key signed stays good.
  private static final Duration TOKEN_KEY_OVERLAP = Duration.ofHours(2);

  private static final Duration USAGE_WRITTEN = Duration.ofSeconds(60);
  // Sooner than a new key signs, by more than the five minutes for which its set may be cached.
  private static final Duration KEYS_LOOKED_AT = Duration.ofMinutes(4);
  private static final Duration FEED_PURGED = Duration.ofHours(1);
  private static final Duration PURGED = Duration.ofMinutes(10);
  private static final Duration USES_PURGED = Duration.ofSeconds(10);
  // Longer than a clock that is corrected usually goes back: else what is signed then would lie
  // before the record's horizon.
  private static final Duration USES_KEPT = Duration.ofMinutes(1);
  private static final Duration CERTIFICATE_LOOKED_AT = Duration.ofMinutes(1);
  private static final Duration DEVELOPMENT_CERTIFICATE_RENEWED = Duration.ofHours(12);
  private static final int MAX_ADMISSIONS = 1_000;
  private static final int MAX_OWN_ADMISSIONS = 64;
  private static final int MAX_SIGN_INS = 512;

  // The part of the heap that may hold answers which clients have not taken yet.
  private static final int UNSENT_PART_OF_MEMORY = 8;
  private static final int MAX_HTTP2_RESETS = 200;
  private static final int REQUEST_LINE_BYTES_BESIDE_TARGET = 64;

  private static final int CLOSE_SECONDS = 10;
  private static final Duration DRAINED = Duration.ofSeconds(10);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Clock clock = Clock.systemUTC();
  private final Ticker ticker = Ticker.systemTicker();

  final DataFolder folder;
  final Accounts accounts;
  final ApiKeys apiKeys;
  final SignatureKeys signatureKeys;
  final MutualTls mutualTls;
  final Passwords passwords;
  final Links links;
  final AdminAccess adminAccess;
  final List<Authenticator> authenticators;
  final Gateway gateway;
  final @Nullable Path caFile;
  final URI address;

  /// Starts a gate; throws [StartupException] that says in one line why it can't.
  static Wiring start(GatehouseConfig config) {
    return start(config, DataFolder.open(config.data()), Map.of());
  }

  /// The same in a folder that is open already; closing the gate, or its failure, closes it.
  ///
  /// @param morePaths that the gate serves itself
  static Wiring start(GatehouseConfig config, DataFolder folder, Map<String, OwnPath> morePaths) {
    return new Wiring(config, folder, morePaths);
  }

  private Wiring(GatehouseConfig config, DataFolder openFolder, Map<String, OwnPath> morePaths) {
    boolean started = false;
    Thread.ofPlatform().daemon().name("gatehouse-signatures").start(SigningAlgorithm::loadProvider);
    RefusalLog.ofThisProcess().limit(config.retention().refusalLinesPerMinute());
    try {
      folder = opened(openFolder);
      byte[] masterKey = folder.masterKey(System.getenv());
      Seal seal = new Seal(masterKey);
      DevelopmentCa developmentCa =
          config.listen().transport() instanceof ListenConfig.DevelopmentTls
              ? DevelopmentCa.in(folder.path(), clock)
              : null;
      WatchedCertificate own =
          config.listen().transport() instanceof ListenConfig.Tls(ServerCertificate certificate)
              ? new WatchedCertificate(certificate)
              : null;
      caFile = developmentCa == null ? null : developmentCa.certificateFile();
      SqlDatabase database = opened(SqlDatabase.open(folder.file(DATABASE_FILE)));

      Roles roles = new Roles(config.roles());
      ApiKeySettings apiKeySettings =
          new ApiKeySettings(config.methods().apiKeyPrefix(), config.realm());
      OwnSecrets ownSecrets = OwnSecretForms.withApiKeys(apiKeySettings.prefix());
      accounts = new Accounts(database.accounts(), roles, clock);
      apiKeys = new ApiKeys(apiKeySettings, database.apiKeys(), accounts, clock);
      signatureKeys =
          new SignatureKeys(database.signatureKeys(), accounts, seal, ownSecrets, clock);
      mutualTls = MutualTls.in(config, database.clientCertificates(), accounts, seal, clock);
      List<Credentials<?>> issued = List.of(apiKeys, signatureKeys, mutualTls.certificates());

      PasswordSettings passwordSettings = passwordSettings(config.passwords());
      FailedAttempts failedAttempts = new FailedAttempts(config.failedAttemptsPerMinute(), ticker);
      PasswordHashes hashes =
          opened(new PasswordHashes(passwordSettings, new BackgroundThreads("gatehouse-hash-")));
      passwords =
          new Passwords(
              passwordSettings,
              ownSecrets,
              hashes,
              database.passwords(),
              accounts,
              new SignInAttempts(
                  passwordSettings.failedPerAccountPerMinute(),
                  passwordSettings.failedPerAccountAndAddressPerMinute(),
                  failedAttempts,
                  ticker),
              clock);
      SessionSettings sessionSettings =
          new SessionSettings(
              config.realm(),
              config.methods().session().idle(),
              config.methods().session().absolute());
      Sessions sessions = new Sessions(sessionSettings, database.sessions(), clock);
      JwtSettings jwtSettings = jwtSettings(config);
      SigningKeys tokenKeys = tokenKeys(config.methods().jwt(), database, seal);
      AccessTokens accessTokens = new AccessTokens(jwtSettings, tokenKeys, clock);
      Tokens tokens =
          new Tokens(
              jwtSettings,
              accessTokens,
              database.tokens(),
              roles,
              (id, path) -> mutualTls.standing(id, path).or(() -> apiKeys.standing(id)),
              clock,
              ticker);

      SigningKeys identityKeys =
          new SigningKeys(
              database.signingKeys(),
              seal,
              IdentityTokens.PURPOSE,
              SigningAlgorithm.ES256,
              SIGNING_KEY_LIFE,
              SIGNING_KEY_OVERLAP,
              clock);
      Revocations revocations =
          new Revocations(
              config.retention().acceptedCredentials(), MAX_REVOKED_NAMES, FEED_SILENCE, ticker);
      for (SigningKeys keys : List.of(tokenKeys, identityKeys)) {
        revocations.forgetAllOn(keys::recordRevocation);
      }
      mutualTls.trust().trust().notifyOnChange(revocations);
      // A provider or issuer that misbehaves takes no time of the event loops that serve callers.
      Vertx outbound = outbound();
      ForeignTokens foreignTokens =
          opened(ForeignTokens.in(config, database, ownSecrets, outbound, clock, ticker));
      foreignTokens.tells(revocations);
      opened(new FeedFollower(database.feed(), revocations, FEED_INTERVAL, ticker));
      Usage usage = new Usage();
      // A method that no route accepts claims nothing: its credentials may be the upstream's own.
      Set<Method> accepted = config.accepted();
      List<Authenticator> authenticators = new ArrayList<>();
      authenticators.add(new ApiKeyAuthenticator(apiKeySettings, database.apiKeys(), roles));
      if (accepted.contains(Method.BASIC)) {
        authenticators.add(
            new BasicAuthenticator(new BasicSettings(config.realm()), passwords, roles));
      }
      if (accepted.contains(Method.JWT)) {
        authenticators.add(
            new JwtAuthenticator(
                jwtSettings,
                accessTokens,
                tokens::standing,
                roles,
                accepted.contains(Method.OAUTH) ? foreignTokens.sorting() : null));
      }
      if (accepted.contains(Method.OAUTH)) {
        authenticators.add(foreignTokens.authenticator(roles));
      }
      SqlReplayStore replayStore =
          opened(
              SqlReplayStore.open(
                  folder.file(USES_FILE),
                  SqlSettings.DEFAULTS,
                  clock,
                  config.methods().hmac().uses()));
      if (accepted.contains(Method.HMAC)) {
        HmacSettings settings = hmacSettings(config);
        SignatureVerifier check =
            new SignatureVerifier(
                settings,
                database.signatureKeys(),
                signatureKeys,
                replayStore,
                roles,
                revocations,
                clock,
                ticker);
        List<SignatureProfile> profiles = new ArrayList<>();
        profiles.add(new GatehouseProfile(check));
        profiles.add(
            new MessageSignatureProfile(config.methods().hmac().messageSignatures(), check));
        config.methods().hmac().aws().ifPresent(aws -> profiles.add(new AwsProfile(aws, check)));
        profiles.add(new WebhookProfile(config.methods().hmac().webhooks(), check, clock));
        authenticators.add(new HmacAuthenticator(settings, profiles));
      }
      if (accepted.contains(Method.SESSION)) {
        authenticators.add(
            new SessionAuthenticator(sessionSettings, database.sessions(), roles, clock));
      }
      if (accepted.contains(Method.MTLS)) {
        authenticators.add(mutualTls.authenticator(roles));
      }
      this.authenticators = List.copyOf(authenticators);
      Gate gate = gate(authenticators, revocations, failedAttempts, usage);
      IdentityTokens identities = new IdentityTokens(identityKeys, config.realm(), clock, ticker);

      Vertx vertx = listening(config);
      Admissions admissions = opened(new Admissions(gate, MAX_ADMISSIONS));
      int bodyMemory = config.limits().bodyMemory();
      // What the gate says of itself has places of its own: it takes none from callers.
      Admissions ownAdmissions = opened(new Admissions(gate, MAX_OWN_ADMISSIONS, bodyMemory));
      Policy anyMethod =
          Policy.accepting(
              authenticators.stream().map(Authenticator::method).toArray(Method[]::new));
      Admissions signIns = opened(new Admissions(gate, MAX_SIGN_INS, bodyMemory));
      String prefix = config.prefix();
      Map<String, OwnPath> ownPaths = new HashMap<>(morePaths);
      ownPaths.putAll(
          new StatusPaths(
                  ownAdmissions,
                  anyMethod,
                  revocations,
                  List.of(identityKeys, tokenKeys),
                  database::ping)
              .under(prefix));
      Invitations invitations = new Invitations(database.invitations(), accounts, clock);
      links = new Links(database.links(), invitations, accounts, clock);
      ProviderTokens providerTokens = new ProviderTokens(database.links(), seal);
      Pages pages = new Pages(prefix, config.realm());
      // Known once the gate listens.
      CompletableFuture<String> reached = new CompletableFuture<>();
      ProviderSignIn providerSignIn =
          opened(
              ProviderSignIn.in(
                  config,
                  gate,
                  new ProviderSignIn.Rooms(
                      accounts,
                      links,
                      invitations,
                      providerTokens,
                      sessions,
                      replayStore,
                      Seal.derived(masterKey, "gatehouse sign-in attempts and codes"),
                      ownSecrets,
                      outbound,
                      pages),
                  reached::join,
                  clock,
                  ticker));
      ownPaths.putAll(providerSignIn.paths(ownAdmissions));
      SignInPaths signInPaths =
          new SignInPaths(
              signIns,
              accounts,
              passwords,
              sessions,
              pages,
              providerSignIn.buttons(),
              prefix,
              config.methods().session().strict(),
              passwordSettings.minLength());
      if (accepted.contains(Method.SESSION)) {
        ownPaths.putAll(signInPaths.paths());
        ownPaths.putAll(
            new AccountPaths(
                    signIns,
                    accounts,
                    passwords,
                    sessions,
                    new AccountItems(
                        sessions,
                        tokens,
                        apiKeys,
                        signatureKeys,
                        mutualTls.certificates(),
                        new AccountItems.Providers(links, providerSignIn.buttons().issuers()),
                        clock),
                    pages,
                    prefix,
                    config.methods().session().strict(),
                    clock)
                .paths());
      } else if (accepted.contains(Method.BASIC) || accepted.contains(Method.JWT)) {
        ownPaths.putAll(signInPaths.resetPaths());
      }
      if (accepted.contains(Method.JWT)) {
        ownPaths.putAll(
            new TokenPaths(
                    signIns,
                    accounts,
                    passwords,
                    tokens,
                    new TokenPaths.CertificateUse(
                        accepted.contains(Method.MTLS) ? mutualTls.certificates() : null,
                        config.methods().jwt().bindToCertificate()),
                    config.methods().jwt().cors().map(Wiring::cors).orElse(CorsPolicy.NONE),
                    providerSignIn.codes())
                .under(prefix));
      }
      ownPaths.putAll(mutualTls.paths(ownAdmissions));
      Routes<Upstream> routes = routes(config, providerSignIn);
      ownPaths.putAll(foreignTokens.paths(routes));
      int eventLoops = Runtime.getRuntime().availableProcessors();
      gateway =
          new Gateway(
              vertx,
              GatewaySettings.DEFAULT
                  .withOwnSecrets(ownSecrets, config.issuer())
                  .withCodeReturnPaths(config.methods().oauth().codeReturnPaths())
                  .withSlowBodyGrace(config.limits().bodyTimeout())
                  .withSignIn(
                      accepted.contains(Method.SESSION)
                          ? new SignInLink(
                              SignInPaths.signInPath(prefix), config.limits().targetBytes())
                          : null),
              routes,
              ownPaths,
              admissions,
              identities);
      List<Consumer<Map<String, Instant>>> touched =
          new ArrayList<>(List.of(sessions::touch, tokens::touch));
      issued.forEach(credentials -> touched.add(credentials::touch));
      MethodUsage methodUsage =
          methodUsage(
              config,
              database.usage(),
              new UsageWriter(usage, database.usage(), touched, Wiring::comesAndGoes));
      // Failed attempts at the gate count nothing here: whoever sends them from this machine, or
      // through a proxy on it, would lock out the administrator who has to stop them.
      Gate adminGate =
          gate(
              authenticators,
              revocations,
              new FailedAttempts(config.failedAttemptsPerMinute(), ticker),
              usage);
      // And no caller, nor any probe, takes a place from that administrator.
      Admissions adminCalls = opened(new Admissions(adminGate, MAX_OWN_ADMISSIONS, bodyMemory));
      AdminApi adminApi =
          new AdminApi(
              adminGate,
              accounts,
              apiKeys,
              signatureKeys,
              webhooks(config),
              new ClientCertificateAdministration(
                  mutualTls.certificates(), mutualTls.trust(), mutualTls.own()),
              passwords,
              sessions,
              tokens,
              tokenKeys,
              identityKeys,
              foreignTokens.denied(),
              methodUsage,
              () -> reached.join() + SignInPaths.resetPath(prefix),
              new PeopleAdministration(
                  links,
                  invitations,
                  !config.methods().oauth().providers().isEmpty(),
                  () -> reached.join() + SignInPaths.invitedPath(prefix)),
              clock);
      int adminPort =
          listen(vertx, adminSettings(config), new AdminListener(adminApi, adminCalls)).port();
      adminAccess =
          AdminAccess.keep(
              folder,
              "http://" + hostForUrl(config.admin().address().getHostAddress()) + ":" + adminPort,
              accounts,
              apiKeys);
      // Last, so that whoever can reach the gate finds all of it there.
      Listener listener =
          listen(vertx, listenerSettings(config, developmentCa, eventLoops), gateway);
      address = address(config.listen(), listener.port());
      reached.complete(config.publicUrl().orElse(address.toString()));
      keepHouse(
          new Chores(
              database,
              issued,
              methodUsage,
              List.of(identityKeys, tokenKeys),
              replayStore,
              new UntimedEventTime(
                  config.methods().hmac().webhooks().untimedEventRetention(), clock, ticker),
              passwords,
              sessions,
              tokens,
              invitations,
              foreignTokens),
          developmentCa,
          own,
          listener,
          config.retention());
      opened.push(() -> await(listener.drain(DRAINED)));
      started = true;
    } catch (UnusableDatabaseException unusable) {
      throw new StartupException(String.valueOf(unusable.getMessage()), unusable);
    } catch (Seal.BrokenSealException sealed) {
      throw new StartupException(
          "the master key is not the one that sealed the database in "
              + config.data()
              + ": restore master.key, or set "
              + DataFolder.MASTER_KEY_VARIABLE,
          sealed);
    } catch (StoreUnavailableException unavailable) {
      throw new StartupException(
          "the database does not answer: " + unavailable.getMessage(), unavailable);
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private Gate gate(
      List<Authenticator> authenticators,
      Revocations revocations,
      FailedAttempts failedAttempts,
      Usage usage) {
    return new Gate(authenticators, revocations, failedAttempts, usage, clock, ticker);
  }

  private static MethodUsage methodUsage(
      GatehouseConfig config, UsageStore store, UsageWriter writer) {
    List<MethodUsage.Announced> announced = new ArrayList<>();
    for (RouteConfig route : config.routes()) {
      route
          .ends()
          .forEach((method, ending) -> announced.add(new MethodUsage.Announced(method, ending)));
    }
    return new MethodUsage(store, writer, announced);
  }

  // Rows for each of these would fill the store: they are counted for their owner.
  private static boolean comesAndGoes(Principal principal) {
    return switch (principal.method()) {
      case SESSION, OAUTH -> true;
      case JWT -> Tokens.isFamily(principal.credential());
      case API_KEY, BASIC, HMAC, MTLS -> false;
    };
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  private Vertx listening(GatehouseConfig config) {
    int connections = config.limits().connections();
    FileDescriptors descriptors = descriptors(config);
    if (descriptors.affordable(connections) < connections) {
      LOG.warn("{}", descriptors.advice(connections));
    }
    return closing(
        BoundedAccept.vertx(
            vertxOptions(), listenLimits(config), config.listen().tlsTerminators()));
  }

  // What the gate asks of issuers and providers waits for none of its callers.
  private Vertx outbound() {
    return closing(Vertx.vertx(vertxOptions().setEventLoopPoolSize(1)));
  }

  private Vertx closing(Vertx vertx) {
    opened.push(() -> vertx.close().await(CLOSE_SECONDS, TimeUnit.SECONDS));
    return vertx;
  }

  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        // Nothing is served from files, so none is unpacked into a temporary folder.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  private Listener listen(
      Vertx vertx, ListenerSettings settings, Supplier<? extends Arrival.Handler> handlers) {
    try {
      return await(Listener.start(vertx, settings, handlers));
    } catch (CompletionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      String where = settings.address() + ":" + settings.port();
      throw new StartupException(
          cause instanceof BindException
              ? where
                  + " can't be listened on ("
                  + String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT)
                  + "): end what listens there, or choose another port"
              : "cannot listen on " + where + ": " + cause.getMessage(),
          failed);
    }
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  // What has to be done again and again.
  private record Chores(
      SqlDatabase database,
      List<Credentials<?>> issued,
      MethodUsage usage,
      List<SigningKeys> signingKeys,
      ReplayStore replayStore,
      UntimedEventTime untimed,
      Passwords passwords,
      Sessions sessions,
      Tokens tokens,
      Invitations invitations,
      ForeignTokens foreignTokens) {

    void purgeEnded(RetentionConfig config, Instant now) {
      EndedRetention retention =
          new EndedRetention(now, config.endedCredentials(), config.endedCredentialRows());
      issued.forEach(credentials -> credentials.purgeEnded(retention));
    }

    void purge() {
      passwords.purgeResets();
      sessions.purge();
      tokens.purge();
      invitations.purge();
      foreignTokens.purge();
    }
  }

  private void keepHouse(
      Chores chores,
      @Nullable DevelopmentCa developmentCa,
      @Nullable WatchedCertificate own,
      Listener listener,
      RetentionConfig retention) {
    // When nothing more is used: what was used last is written.
    opened.push(chores.usage.writer()::write);
    RefusalLog refusals = RefusalLog.ofThisProcess();
    opened.push(refusals::summarise);
    Housekeeper housekeeper = opened(new Housekeeper());
    housekeeper.every(RefusalLog.SUMMARY_INTERVAL, refusals::summarise);
    housekeeper.every(USAGE_WRITTEN, chores.usage.writer()::write);
    housekeeper.atOnceAndEvery(
        FEED_PURGED,
        () ->
            chores
                .usage
                .store()
                .purge(clock.instant().minus(retention.uses()), retention.useRows()));
    housekeeper.atOnceAndEvery(FEED_PURGED, () -> chores.purgeEnded(retention, clock.instant()));
    for (SigningKeys keys : chores.signingKeys) {
      housekeeper.every(KEYS_LOOKED_AT, keys::refresh);
    }
    // At once: a gate that is started often must not keep everything for ever.
    housekeeper.atOnceAndEvery(
        FEED_PURGED, () -> chores.database.feed().purgeBefore(clock.instant().minus(FEED_KEPT)));
    housekeeper.atOnceAndEvery(PURGED, chores::purge);
    housekeeper.atOnceAndEvery(
        USES_PURGED,
        () ->
            chores.replayStore.purge(
                clock.instant().minus(USES_KEPT), chores.untimed.now().minus(USES_KEPT)));
    ClientTrustReloader clientTrust = mutualTls.trust();
    housekeeper.every(CERTIFICATE_LOOKED_AT, clientTrust::look);
    if (developmentCa != null) {
      clientTrust.onChange(() -> await(listener.reload(tls(developmentCa.server()))));
      housekeeper.every(
          DEVELOPMENT_CERTIFICATE_RENEWED,
          () -> await(listener.reload(tls(developmentCa.server()))));
    }
    if (own != null) {
      // The names of the CAs stand in the handshake.
      clientTrust.onChange(() -> await(listener.reload(tls(own.current()))));
      housekeeper.every(
          CERTIFICATE_LOOKED_AT,
          () -> own.look(clock.instant(), renewed -> await(listener.reload(tls(renewed)))));
    }
  }

  private ListenerSettings listenerSettings(
      GatehouseConfig config, @Nullable DevelopmentCa developmentCa, int eventLoops) {
    ListenConfig listen = config.listen();
    TlsSettings tls =
        switch (listen.transport()) {
          case ListenConfig.PlainHttp() -> null;
          case ListenConfig.Tls(ServerCertificate certificate) -> tls(certificate);
          case ListenConfig.DevelopmentTls() -> tls(Objects.requireNonNull(developmentCa).server());
        };
    return new ListenerSettings(
        listen.address().getHostAddress(),
        listen.port(),
        tls,
        listen.tlsTerminators(),
        listen.certificateField().orElse(null),
        listen.hsts().orElse(null),
        listenLimits(config),
        eventLoops);
  }

  private ListenerSettings adminSettings(GatehouseConfig config) {
    return new ListenerSettings(
        config.admin().address().getHostAddress(),
        config.admin().port(),
        null,
        List.of(),
        listenLimits(config),
        1);
  }

  static ListenLimits listenLimits(GatehouseConfig config) {
    LimitsConfig limits = config.limits();
    int connections = descriptors(config).affordable(limits.connections());
    return new ListenLimits(
        limits.targetBytes() + REQUEST_LINE_BYTES_BESIDE_TARGET,
        limits.headerBytes(),
        limits.headerCount(),
        limits.headerTimeout(),
        limits.bodyTimeout(),
        config.methods().hmac().bodyMemory(),
        Runtime.getRuntime().maxMemory() / UNSENT_PART_OF_MEMORY,
        limits.idleTimeout(),
        connections,
        share(limits.connectionsPerAddress(), connections, limits.connections()),
        limits.http2Streams(),
        MAX_HTTP2_RESETS);
  }

  // The same part of the connections that there may be as of those that are configured.
  private static int share(int perAddress, int connections, int configured) {
    return Math.toIntExact(Math.ceilDiv((long) perAddress * connections, (long) configured));
  }

  private static FileDescriptors descriptors(GatehouseConfig config) {
    return FileDescriptors.ofThisProcess(config.maxUpstreamConnections());
  }

  private static PasswordSettings passwordSettings(PasswordConfig config) {
    return PasswordSettings.DEFAULT
        .withScheme(
            config.argon2id() ? PasswordSettings.Scheme.ARGON2ID : PasswordSettings.Scheme.BCRYPT)
        .withBcryptCost(config.bcryptCost())
        .withMinLength(config.minLength())
        .withFailures(config.failedPerName(), config.failedPerNameAndAddress())
        .withHashing(
            config.hashingThreads(), config.hashingQueue(), PasswordSettings.DEFAULT.hashingWait());
  }

  private static JwtSettings jwtSettings(GatehouseConfig config) {
    MethodsConfig.Jwt jwt = config.methods().jwt();
    return new JwtSettings(
        config.issuer(),
        jwt.audience().orElse(config.issuer()),
        config.realm(),
        jwt.algorithm(),
        jwt.accessTokenLife(),
        jwt.refreshTokenLife(),
        jwt.familyLife(),
        jwt.reuseGrace(),
        jwt.clockSkew());
  }

  private static HmacSettings hmacSettings(GatehouseConfig config) {
    MethodsConfig.Hmac hmac = config.methods().hmac();
    Set<String> hosts = new HashSet<>();
    config.publicUrl().ifPresent(url -> hosts.add(URI.create(url).getHost()));
    if (config.listen().transport() instanceof ListenConfig.DevelopmentTls) {
      hosts.addAll(List.of("localhost", "127.0.0.1", "[::1]"));
    }
    if (!hosts.isEmpty()) { // otherwise nobody said what its name is
      config.routes().forEach(route -> route.host().ifPresent(hosts::add));
    }
    return new HmacSettings(config.realm(), hmac.window(), hmac.maxBodyBytes(), hosts);
  }

  private SigningKeys tokenKeys(MethodsConfig.Jwt jwt, SqlDatabase database, Seal seal) {
    return jwt.secrets().isEmpty()
        ? new SigningKeys(
            database.signingKeys(),
            seal,
            AccessTokens.PURPOSE,
            jwt.algorithm(),
            SIGNING_KEY_LIFE,
            TOKEN_KEY_OVERLAP,
            clock)
        : SigningKeys.ofSecrets(jwt.secrets());
  }

  private static Routes<Upstream> routes(GatehouseConfig config, ProviderSignIn providers) {
    return new Routes<>(
        config.routes().stream().map(route -> route(route, config, providers)).toList());
  }

  private static Map<String, Webhook.Vendor> webhooks(GatehouseConfig config) {
    Map<String, Webhook.Vendor> webhooks = new HashMap<>();
    for (RouteConfig route : config.routes()) {
      route.webhook().ifPresent(webhook -> webhooks.put(webhook.name(), webhook.vendor()));
    }
    return webhooks;
  }

  private static Route<Upstream> route(
      RouteConfig route, GatehouseConfig config, ProviderSignIn providers) {
    UpstreamConfig upstream = config.upstreamOf(route);
    return new Route<>(
        route.host().orElse(null),
        route.path(),
        route.policy(),
        route.cors().map(Wiring::cors).orElse(CorsPolicy.NONE),
        new Upstream(
            route.upstream(),
            route.connectTimeout(),
            route.timeout(),
            route.idleTimeout(),
            route.passAuthorization(),
            route.passHost(),
            config.limits().bodyBytes().orElse(Long.MAX_VALUE),
            upstream.requests(),
            upstream.webSockets(),
            new Upstream.Queue(upstream.queue(), upstream.queueTimeout()),
            route.upstreamCa().orElse(null),
            providers.tokens(route),
            route.clientFields()));
  }

  private static CorsPolicy cors(CorsConfig cors) {
    return new CorsPolicy(
        Set.copyOf(cors.origins()),
        cors.headers().stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet()),
        new HashSet<>(cors.exposed()),
        cors.credentials(),
        cors.maxAge());
  }

  private TlsSettings tls(ServerCertificate certificate) {
    return new TlsSettings(
        Buffer.buffer(certificate.chainPem()),
        Buffer.buffer(certificate.keyPem()),
        mutualTls.authentication());
  }

  // What a person types: the development certificate is for localhost.
  private static URI address(ListenConfig listen, int port) {
    String scheme = listen.transport() instanceof ListenConfig.PlainHttp ? "http" : "https";
    String host =
        listen.address().isLoopbackAddress()
            ? "localhost"
            : hostForUrl(listen.address().getHostAddress());
    return URI.create(scheme + "://" + host + ":" + port);
  }

  private static String hostForUrl(String address) {
    return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
  }

  /// Stops listening, finishes what was begun, and lets go of the data folder.
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception failed) {
        LOG.warn("Closing {} failed: {}", part, FailureText.of(failed));
      }
    }
  }
}
