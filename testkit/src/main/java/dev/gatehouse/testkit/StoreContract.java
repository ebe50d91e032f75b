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

/// What the contract suites of the ports have in common: fresh stores, a clock, and an ear at the
/// feed.
public abstract class StoreContract {

  /// When every test begins.
  protected static final Instant START = Instant.parse("2026-03-04T05:06:07.089Z");

  /// How many callers want the same thing at once.
  protected static final int RUNNERS = 16;

  protected final FixedClock clock = FixedClock.at(START);

  /// What a listener has heard, in its order.
  protected final List<FeedEntry> heard = new CopyOnWriteArrayList<>();

  private @Nullable Stores stores;

  /// A suite for fresh stores, one set for each test.
  protected StoreContract() {}

  /// Opens empty stores whose feed rows carry the time of that clock.
  protected abstract Stores open(Clock feedClock) throws Exception;

  /// The stores under test.
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

  /// A person of that id, whose name and e-mail address follow from it.
  protected static Account person(String id) {
    return account(id, Account.Kind.PERSON, "name of " + id, id + "@example.com");
  }

  /// A service of that id, whose name follows from it.
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

  /// The terms of a credential of that id.
  ///
  /// @param expiresAt null: it has no end
  protected static CredentialTerms terms(String id, @Nullable Instant expiresAt) {
    return new CredentialTerms(
        "credential " + id, Scopes.of("orders:read"), expiresAt, List.of(), null);
  }

  /// An API key whose digest follows from the name.
  protected static StoredApiKey apiKey(String name) {
    return new StoredApiKey(digest(name), "sk_live_abcd");
  }

  /// A signature key for requests, whose material follows from the name.
  protected static StoredSignatureKey signatureKey(String name) {
    return new StoredSignatureKey(SignatureAlgorithm.HMAC_SHA256, "sealed " + name, null, Set.of());
  }

  /// A registration of that DNS name under `ca_1`, which is another's CA.
  protected static StoredClientCertificate certificate(String name) {
    return new StoredClientCertificate(
        "ca_1", CertificateName.of(CertificateName.Kind.DNS, name + ".example"), null);
  }

  /// The digest of the key of that id.
  protected static Digest digest(String id) {
    return Digest.sha256(id.getBytes(StandardCharsets.UTF_8));
  }

  protected static StoredSigningKey signingKey(String id, String purpose, Instant createdAt) {
    return new StoredSigningKey(
        id, purpose, "{\"kid\":\"" + id + "\"}", "sealed-" + id, createdAt, null);
  }

  /// A link of that account to an identity whose subject follows from the link's id.
  protected static Link link(String id, String account) {
    return link(id, account, "subject of " + id);
  }

  /// A link of that account to that subject at one issuer.
  protected static Link link(String id, String account, String subject) {
    return new Link(
        id, account, "acme", "https://id.acme.example", subject, "label of " + id, START, null);
  }

  /// An invitation for anybody, good for an hour.
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
