package dev.gatehouse.server.assembly;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.GateMemory;
import dev.gatehouse.RefusalLog;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.oauth.DeniedTokens;
import dev.gatehouse.password.PasswordHashes;
import dev.gatehouse.password.PasswordSettings;
import dev.gatehouse.replay.UntimedEventTime;
import dev.gatehouse.revocation.FeedFollower;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.config.PasswordConfig;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.store.SqlDatabase;
import dev.gatehouse.store.SqlReplayStore;
import dev.gatehouse.store.SqlSettings;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.throttle.SignInAttempts;
import dev.gatehouse.usage.Usage;
import dev.gatehouse.usage.UsageWriter;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The half of a gate that lasts as long as the process: the data folder and its stores, keys, what
/// is remembered and counted, threads, and event loops. [ConfiguredParts] is the other half, of
/// which there may be one after the other over the same lasting parts.
///
/// A setting that is read here changes with a restart only.
final class LastingParts {

  private static final String DATABASE_FILE = "gatehouse.db";
  private static final String REPLAY_FILE = "uses.db";

  // Revocation reaches every node within a second: a change is read within the interval, and a feed
  // that was not read for longer than the silence is not believed. Together they stay below it.
  private static final Duration FEED_READ_INTERVAL = Duration.ofMillis(200);
  private static final Duration MAX_FEED_SILENCE = Duration.ofMillis(750);
  private static final int MAX_REVOKED_NAMES = 100_000;

  private static final Duration SIGNING_KEY_LIFE = Duration.ofDays(30);
  private static final Duration IDENTITY_KEY_OVERLAP = Duration.ofHours(1);

  // Longer than any access token: what a retired key signed stays good.
  private static final Duration TOKEN_KEY_OVERLAP = Duration.ofHours(2);

  // Beginnings and returns of sign-ins with providers from one address: an office may arrive at
  // once.
  private static final int PROVIDER_VISITS_PER_MINUTE = 600;

  final Clock clock = Clock.systemUTC();
  final Ticker ticker = Ticker.systemTicker();

  final DataFolder folder;
  final SqlDatabase database;
  final SqlReplayStore replayStore;
  final Seal seal;
  final Seal signInSeal;
  final SigningKeys tokenKeys;
  final SigningKeys identityKeys;
  final ServerCertificates serverCertificates;
  final ClientCertificateTrust clientTrust;

  final Revocations revocations;
  final GateMemory memory;
  final GateMemory adminMemory;
  final SignInAttempts signInAttempts;
  final FailedAttempts providerVisits = new FailedAttempts(PROVIDER_VISITS_PER_MINUTE, ticker);
  final RateLimits refreshes = new RateLimits(ticker);
  final UntimedEventTime untimedEventTime;
  final UsageWriter usageWriter;

  final PasswordHashes hashes;
  final PlacesByName places;
  final Vertx vertx;
  final Vertx outbound;

  /// The configured half that is in force.
  final Current current = new Current();

  /// Where the gate listens: known once it does.
  final CompletableFuture<URI> address = new CompletableFuture<>();

  /// Opens what lasts. Throws [dev.gatehouse.server.StartupException] and what stores throw.
  ///
  /// @param opened gets everything that is to be closed, also when this throws
  LastingParts(GatehouseConfig config, DataFolder openFolder, Opened opened) {
    RefusalLog.ofThisProcess().limit(config.retention().refusalLinesPerMinute());
    folder = opened.add(openFolder);
    byte[] masterKey = folder.masterKey(System.getenv());
    seal = new Seal(masterKey);
    signInSeal = Seal.derived(masterKey, "gatehouse sign-in attempts and codes");
    serverCertificates = ServerCertificates.of(config.listen(), folder, clock);
    database = opened.add(SqlDatabase.open(folder.file(DATABASE_FILE)));
    clientTrust = ClientCertificateTrust.of(config, database.clientCertificates(), seal, clock);

    PasswordSettings passwords = passwordSettings(config.passwords());
    FailedAttempts failedAttempts = new FailedAttempts(config.failedAttemptsPerMinute(), ticker);
    hashes = opened.add(new PasswordHashes(passwords, new BackgroundThreads("gatehouse-hash-")));
    signInAttempts =
        new SignInAttempts(
            passwords.failedPerAccountPerMinute(),
            passwords.failedPerAccountAndAddressPerMinute(),
            failedAttempts,
            ticker);

    tokenKeys = tokenKeys(config.methods().jwt());
    identityKeys =
        signingKeys(IdentityTokens.PURPOSE, SigningAlgorithm.ES256, IDENTITY_KEY_OVERLAP);
    revocations =
        new Revocations(
            config.retention().acceptedCredentials(), MAX_REVOKED_NAMES, MAX_FEED_SILENCE, ticker);
    for (SigningKeys keys : List.of(tokenKeys, identityKeys)) {
      revocations.forgetAllOn(keys::recordRevocation);
    }
    clientTrust.reloader().trust().notifyOnChange(revocations);
    DeniedTokens.forgetOnDenial(revocations);
    Usage usage = new Usage();
    memory = new GateMemory(revocations, failedAttempts, usage, ticker);
    // Failed attempts at the gate do not count here. An attacker on this machine, or behind a proxy
    // on it, would otherwise lock out the administrator, who has the same address.
    adminMemory =
        new GateMemory(
            revocations,
            new FailedAttempts(config.failedAttemptsPerMinute(), ticker),
            usage,
            ticker);

    // A provider or issuer that misbehaves takes no time of the event loops that serve callers.
    outbound = opened.add(new EventLoops(EventLoops.outbound())).vertx();
    opened.add(new FeedFollower(database.feed(), revocations, FEED_READ_INTERVAL, ticker));
    replayStore =
        opened.add(
            SqlReplayStore.open(
                folder.file(REPLAY_FILE),
                SqlSettings.DEFAULTS,
                clock,
                config.methods().hmac().uses()));
    untimedEventTime =
        new UntimedEventTime(
            config.methods().hmac().webhooks().untimedEventRetention(), clock, ticker);
    usageWriter =
        new UsageWriter(usage, database.usage(), List.of(current::touch), current::comesAndGoes);
    vertx = opened.add(new EventLoops(EventLoops.listening(config))).vertx();
    places = opened.add(new PlacesByName());
  }

  /// All keys with which the gate signs.
  List<SigningKeys> signingKeys() {
    return List.of(identityKeys, tokenKeys);
  }

  private SigningKeys tokenKeys(MethodsConfig.Jwt jwt) {
    return jwt.secrets().isEmpty()
        ? signingKeys(AccessTokens.PURPOSE, jwt.algorithm(), TOKEN_KEY_OVERLAP)
        : SigningKeys.ofSecrets(jwt.secrets());
  }

  private SigningKeys signingKeys(String purpose, SigningAlgorithm algorithm, Duration overlap) {
    return new SigningKeys(
        database.signingKeys(), seal, purpose, algorithm, SIGNING_KEY_LIFE, overlap, clock);
  }

  /// The settings of passwords. Those of how they are hashed are read once.
  static PasswordSettings passwordSettings(PasswordConfig config) {
    return PasswordSettings.DEFAULT
        .withScheme(
            config.argon2id() ? PasswordSettings.Scheme.ARGON2ID : PasswordSettings.Scheme.BCRYPT)
        .withBcryptCost(config.bcryptCost())
        .withMinLength(config.minLength())
        .withFailures(config.failedPerName(), config.failedPerNameAndAddress())
        .withHashing(
            config.hashingThreads(), config.hashingQueue(), PasswordSettings.DEFAULT.hashingWait());
  }
}
