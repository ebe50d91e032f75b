package dev.gatehouse.testkit;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.oauth.Invitation;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.signing.StoredSigningKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The base class of the contract suites. A suite tests that an implementation of a port behaves as
/// the port says; a subclass for each implementation opens its stores.
///
/// The base class opens empty stores before each test and closes them after it. It has a clock, a
/// listener of the revocation feed, and methods that make values.
public abstract class StoreContract {

  /// The time of the clock at the beginning of each test.
  protected static final Instant START = Instant.parse("2026-03-04T05:06:07.089Z");

  /// How many callers tests of concurrency run.
  protected static final int RUNNERS = 16;

  protected final FixedClock clock = FixedClock.at(START);

  /// The feed rows that a listener has got, in their order.
  protected final List<FeedEntry> heard = new CopyOnWriteArrayList<>();

  private @Nullable Stores stores;

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected StoreContract() {}

  /// Opens empty stores. The suite closes them.
  ///
  /// @param feedClock the clock for the times of feed rows
  protected abstract Stores open(Clock feedClock) throws Exception;

  /// The stores under test. Throws [NullPointerException] outside of a test.
  protected final Stores stores() {
    return Objects.requireNonNull(stores, "the stores are open during a test only");
  }

  @BeforeEach
  final void openStores() throws Exception {
    Stores opened = open(clock);
    stores = opened;
    opened.feed().onCommit(heard::add);
  }

  @AfterEach
  final void closeStores() {
    if (stores != null) {
      stores.close();
    }
  }

  /// Returns an account of a person with this id. Its name and e-mail address are derived from the
  /// id.
  protected static Account person(String id) {
    return account(id, Account.Kind.PERSON, "name of " + id, id + "@example.com");
  }

  /// Returns an account of a service with this id. Its name is derived from the id.
  protected static Account service(String id) {
    return account(id, Account.Kind.SERVICE, "name of " + id, null);
  }

  protected static Account account(
      String id, Account.Kind kind, String name, @Nullable String email) {
    return new Account(
        id,
        kind,
        name,
        email,
        new TreeSet<>(List.of("reader", "writer")),
        Scopes.of("orders:read", "orders:write"),
        false,
        START,
        0,
        1);
  }

  /// Returns the terms of a credential with this id, with one scope.
  ///
  /// @param expiresAt the end of the credential; null: it has no end
  protected static CredentialTerms terms(String id, @Nullable Instant expiresAt) {
    return new CredentialTerms(
        "credential " + id, Scopes.of("orders:read"), expiresAt, List.of(), null);
  }

  /// Returns an API key. Its digest is derived from the name.
  protected static StoredApiKey apiKey(String name) {
    return new StoredApiKey(digest(name), "sk_live_abcd");
  }

  /// Returns a signature key for requests. Its material is derived from the name.
  protected static StoredSignatureKey signatureKey(String name) {
    return new StoredSignatureKey(SignatureAlgorithm.HMAC_SHA256, "sealed " + name, null, Set.of());
  }

  /// Returns a registration of a DNS name under `ca_1`, which is not an own CA of the gate.
  protected static StoredClientCertificate certificate(String name) {
    return new StoredClientCertificate(
        "ca_1", CertificateName.of(CertificateName.Kind.DNS, name + ".example"), null);
  }

  /// Returns a digest that is derived from this id.
  protected static Digest digest(String id) {
    return Digest.sha256(id.getBytes(StandardCharsets.UTF_8));
  }

  protected static StoredSigningKey signingKey(String id, String purpose, Instant createdAt) {
    return new StoredSigningKey(
        id, purpose, "{\"kid\":\"" + id + "\"}", "sealed-" + id, createdAt, null);
  }

  /// Returns a link of this account. Its subject is derived from the id of the link.
  protected static Link link(String id, String account) {
    return link(id, account, "subject of " + id);
  }

  /// Returns a link of this account to this subject. The issuer is always the same.
  protected static Link link(String id, String account, String subject) {
    return new Link(
        id, account, "acme", "https://id.acme.example", subject, "label of " + id, START, null);
  }

  /// Returns an invitation for every e-mail address. It expires an hour after [#START].
  protected static Invitation invitation(String id) {
    return new Invitation(
        id,
        null,
        new TreeSet<>(List.of("reader", "writer")),
        Scopes.of("orders:read"),
        START,
        START.plusSeconds(3600),
        null,
        null);
  }
}
