package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.hmac.StoredSignatureKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The contract suite of [SignatureKeyStore]: the lifecycle of [CredentialStoreContract], and the
/// look-up of the keys of a webhook.
public abstract class SignatureKeyStoreContract
    extends CredentialStoreContract<StoredSignatureKey> {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected SignatureKeyStoreContract() {}

  @Override
  protected final SignatureKeyStore store() {
    return stores().signatureKeys();
  }

  @Override
  protected final StoredSignatureKey material(String name) {
    return signatureKey(name);
  }

  @Test
  void everyAlgorithmIsKeptWithItsWebhookAndItsHosts() {
    for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
      StoredSignatureKey full =
          new StoredSignatureKey(
              algorithm, "MCowBQYDK2VwAyEA", "payments", Set.of("api.example.com", "localhost"));
      store()
          .add(
              new IssuedCredential<>(
                  algorithm.id(), "o1", terms(algorithm.id(), null), full, START));

      assertThat(stored(algorithm.id()).material()).isEqualTo(full);
    }
  }

  @Test
  void materialHasNoTextForm() {
    assertThat(credential("k1", "o1")).asString().contains("k1").doesNotContain("sealed");
  }

  private void add(String id, String webhook, @Nullable Instant expiresAt, Instant createdAt) {
    store()
        .add(
            new IssuedCredential<>(
                id,
                "o1",
                terms(id, expiresAt),
                new StoredSignatureKey(
                    SignatureAlgorithm.HMAC_SHA256, "sealed " + id, webhook, Set.of()),
                createdAt));
  }

  @Test
  void keysOfAWebhookComeNewestFirstWithoutThoseThatAreOver() {
    add("old", "payments", LATER, START);
    add("new", "payments", null, START.plusSeconds(1));
    add("other", "orders", null, START);
    store().add(credential("request", "o1"));
    add("over", "payments", START, START);
    add("revoked", "payments", null, START);
    store().revoke("revoked", START);

    assertThat(webhook(START, 9)).containsExactly("new", "old");
    assertThat(webhook(START, 1)).containsExactly("new");
    assertThat(webhook(LATER, 9)).containsExactly("new");
    assertThat(store().ofWebhook("payments", START, 1).getFirst().owner()).isEqualTo(owner);
    assertThat(store().ofWebhook("none", START, 9)).isEmpty();
    assertThatThrownBy(() -> store().ofWebhook("payments", START, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> webhook(Instant now, int limit) {
    return store().ofWebhook("payments", now, limit).stream()
        .map(owned -> owned.credential().id())
        .toList();
  }
}
