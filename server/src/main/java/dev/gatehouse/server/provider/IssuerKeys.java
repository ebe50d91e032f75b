package dev.gatehouse.server.provider;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import dev.gatehouse.FailureText;
import dev.gatehouse.json.Json;
import dev.gatehouse.oauth.IssuerUnavailableException;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.signing.PublicKeyCheck;
import dev.gatehouse.signing.VerifyingKey;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys with which an issuer signs its ID tokens and its access tokens. There is one object for
/// each issuer.
///
/// A key set is used for five minutes, and is refreshed before that while it is in use. If a key is
/// not in the set, the set is fetched at once. All callers share one fetch. At most three fetches
/// follow each other at once, and then at most one every five seconds. Beyond that, it is unknown
/// whether the issuer has the key ([IssuerUnavailableException]). While the issuer does not answer,
/// the set is used for a day, and callers do not wait.
///
/// The sources of the JOSE library do most of this. But there, a caller with an unknown key delays
/// callers whose keys are known, and "unknown" can't be told from "not asked".
///
/// Thread-safe; blocks only if a key is not in the set, or if there is no usable set. Callers bound
/// how many wait at once.
public final class IssuerKeys implements TrustedIssuer.Keys {

  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  static final Duration MAX_AGE = Duration.ofMinutes(5);
  static final Duration REFRESH_INTERVAL = Duration.ofMinutes(4);
  static final Duration MAX_AGE_DURING_OUTAGE = Duration.ofDays(1);
  static final Duration FETCH_INTERVAL = Duration.ofSeconds(5);
  static final int MAX_FETCHES_IN_A_ROW = 3;

  private static final int MAX_KEYS = 200;
  private static final Set<String> KNOWN_OPERATIONS =
      Arrays.stream(KeyOperation.values())
          .map(KeyOperation::identifier)
          .collect(Collectors.toUnmodifiableSet());
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private final OutboundHttp http;
  private final @Nullable URI fixed;
  private final Discovery discovery;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Known known;
  private volatile @Nullable String failure; // null: the last question was answered
  private @Nullable CompletableFuture<Void> underWay; // under the lock
  private long allowedFrom; // under the lock

  /// @param keys only keys with which signatures may be verified
  private record Known(List<VerifyingKey> keys, long at) {}

  /// Uses the keys of that issuer.
  ///
  /// @param fixed the URL of the key set, for an issuer without a discovery document; null: the
  ///   document names it
  public IssuerKeys(Discovery discovery, @Nullable URI fixed, OutboundHttp http, Ticker ticker) {
    this.discovery = discovery;
    this.fixed = fixed;
    this.http = http;
    this.ticker = ticker;
    this.allowedFrom = ticker.read() - FETCH_INTERVAL.toNanos() * MAX_FETCHES_IN_A_ROW;
  }

  /// The keys with that id, or all keys if it is null; empty if the issuer has no such key with
  /// which signatures may be verified. Throws [IssuerUnavailableException] when that is not known
  /// now. May block.
  @Override
  public List<VerifyingKey> withId(@Nullable String keyId) {
    return select(
        keys -> keys.stream().filter(key -> keyId == null || keyId.equals(key.keyId())).toList());
  }

  private <K> List<K> select(Function<List<VerifyingKey>, List<K>> selection) {
    Known now = known;
    if (now == null || !isUsable(now)) {
      await(question());
      now = known;
      if (now == null || !isUsable(now)) {
        throw unavailable();
      }
    } else if (age(now).compareTo(REFRESH_INTERVAL) > 0) {
      var _ = question(); // nobody waits for it
    }
    List<K> found = selection.apply(now.keys);
    if (!found.isEmpty()) {
      return found;
    }
    CompletableFuture<Void> question = question();
    await(question);
    Known then = known;
    // The issuer may have a new key, but it could not be asked.
    if (question == null || failure != null || then == null) {
      throw unavailable();
    }
    return selection.apply(then.keys);
  }

  // A set that is older than [#MAX_AGE] is used only while the issuer does not answer.
  private boolean isUsable(Known set) {
    Duration age = age(set);
    return age.compareTo(MAX_AGE) < 0
        || (failure != null && age.compareTo(MAX_AGE_DURING_OUTAGE) < 0);
  }

  private Duration age(Known set) {
    return Duration.ofNanos(ticker.read() - set.at);
  }

  private IssuerUnavailableException unavailable() {
    String why = failure;
    return new IssuerUnavailableException(
        why == null ? discovery.issuer() + " is asked too often for its keys" : why,
        null,
        untilNextQuestion());
  }

  // The fetch in progress, or a new one; null when it is too early for a new one.
  private @Nullable CompletableFuture<Void> question() {
    lock.lock();
    try {
      if (underWay != null) {
        return underWay;
      }
      if (untilNextQuestion().isPositive()) {
        return null;
      }
      long now = ticker.read();
      allowedFrom = (now - allowedFrom > 0 ? now : allowedFrom) + FETCH_INTERVAL.toNanos();
      CompletableFuture<Void> asked = new CompletableFuture<>();
      underWay = asked;
      THREADS.execute(() -> ask(asked));
      return asked;
    } finally {
      lock.unlock();
    }
  }

  // The time until the next fetch is allowed; zero or negative: it is allowed now.
  private Duration untilNextQuestion() {
    lock.lock();
    try {
      return Duration.ofNanos(allowedFrom - ticker.read())
          .minus(FETCH_INTERVAL.multipliedBy(MAX_FETCHES_IN_A_ROW - 1));
    } finally {
      lock.unlock();
    }
  }

  private void ask(CompletableFuture<Void> asked) {
    try {
      known = new Known(retrieved(), ticker.read());
      failure = null;
    } catch (IOException failed) {
      LOG.warn("No keys of {}: {}", discovery.issuer(), FailureText.of(failed));
      failure = FailureText.of(failed);
    } catch (RuntimeException unforeseen) {
      LOG.warn("No keys of {}", discovery.issuer(), unforeseen);
      failure = discovery.issuer() + " gave no keys";
    } finally {
      lock.lock();
      try {
        underWay = null;
      } finally {
        lock.unlock();
      }
      asked.complete(null);
    }
  }

  // A key set that can't be read does not replace the previous one.
  private List<VerifyingKey> retrieved() throws IOException {
    URL url = url();
    List<String> members;
    try {
      String set = JsonParts.members(http.retrieveResource(url).getContent()).get("keys");
      members = set == null ? null : JsonParts.items(set);
    } catch (ParseException noSet) {
      discovery.forget();
      throw new IOException(url + " answered something that is no key set", noSet);
    } catch (IOException failed) {
      discovery.forget(); // they may have moved
      throw failed;
    }
    if (members == null) {
      throw new IOException(url + " answered something that is no key set");
    }
    if (members.size() > MAX_KEYS) {
      throw new IOException(url + " answered more than " + MAX_KEYS + " keys");
    }
    List<VerifyingKey> fit = new ArrayList<>();
    int read = 0;
    for (String member : members) {
      try {
        // A symmetric key has no public part, and no issuer should publish one.
        JWK key = JWK.parse(withKnownOperations(object(member))).toPublicJWK();
        read++;
        if (key != null) {
          verifying(key).filter(another -> !isThere(another, fit)).ifPresent(fit::add);
        }
      } catch (ParseException | RuntimeException unreadable) {
        // RFC 7517 §5: a key that is not understood does not make the others unusable.
        LOG.warn("A key of {} is skipped: {}", discovery.issuer(), FailureText.of(unreadable));
      }
    }
    if (read == 0 && !members.isEmpty()) {
      discovery.forget();
      throw new IOException(url + " answered no key that can be read");
    }
    return List.copyOf(fit);
  }

  // A key that is listed twice counts once.
  private static boolean isThere(VerifyingKey key, List<VerifyingKey> keys) {
    return keys.stream().anyMatch(there -> there.jwk().equals(key.jwk()));
  }

  private static Map<String, @Nullable Object> object(String member) throws ParseException {
    return Json.object(member)
        .orElseThrow(
            () ->
                new ParseException(
                    "it is no JSON object, names a member twice, or holds what can't be read", 0));
  }

  // RFC 7517 §4.3 allows other operations than those of the RFC. The parser refuses them, so they
  // are removed.
  private static Map<String, @Nullable Object> withKnownOperations(
      Map<String, @Nullable Object> key) {
    if (!(key.get("key_ops") instanceof List<?> operations)) {
      return key;
    }
    Map<String, @Nullable Object> copy = new HashMap<>(key);
    copy.put(
        "key_ops",
        operations.stream()
            .filter(name -> name instanceof String text && KNOWN_OPERATIONS.contains(text))
            .toList());
    return copy;
  }

  private Optional<VerifyingKey> verifying(JWK key) {
    Optional<VerifyingKey> fit = VerifyingKey.of(key);
    if (fit.isEmpty() && !KeyUse.ENCRYPTION.equals(key.getKeyUse())) {
      String fault = PublicKeyCheck.fault(key);
      if (fault != null) {
        LOG.warn(
            "The key {} of {} is skipped: it is {}", key.getKeyID(), discovery.issuer(), fault);
      }
    }
    return fit;
  }

  private URL url() throws IOException {
    URI uri = fixed == null ? discovery.metadata().keys() : fixed;
    if (uri == null) {
      throw new IOException(discovery.issuer() + " does not say where its keys are");
    }
    try {
      return uri.toURL();
    } catch (IllegalArgumentException noUrl) {
      throw new IOException(discovery.issuer() + " says that its keys are at " + uri, noUrl);
    }
  }

  private void await(@Nullable CompletableFuture<Void> question) {
    if (question == null) {
      return;
    }
    try {
      // Up to three exchanges: two places of the discovery document, and the key set.
      question.get(OutboundHttp.EXCHANGE_TIMEOUT.multipliedBy(3).toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IssuerUnavailableException("the keys were not waited for", interrupted);
    } catch (ExecutionException | TimeoutException late) {
      throw new IssuerUnavailableException(discovery.issuer() + " is slow to give its keys", late);
    }
  }

  @Override
  public String toString() {
    return "IssuerKeys[" + discovery.issuer() + "]";
  }
}
