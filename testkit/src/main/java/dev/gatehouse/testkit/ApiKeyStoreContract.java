package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.Account;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The contract suite of [ApiKeyStore]: the lifecycle of [CredentialStoreContract], and the look-up
/// by the digest of a key.
public abstract class ApiKeyStoreContract extends CredentialStoreContract<StoredApiKey> {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected ApiKeyStoreContract() {}

  @Override
  protected final ApiKeyStore store() {
    return stores().apiKeys();
  }

  @Override
  protected final StoredApiKey material(String name) {
    return apiKey(name);
  }

  @Test
  void keyIsFoundByItsDigestWithItsOwnerAsTheOwnerIsNow() {
    IssuedCredential<StoredApiKey> key = credential("k1", "o1");
    store().add(key);
    store().add(credential("k2", "o2"));

    assertThat(store().byDigest(digest("k1"))).contains(new OwnedCredential<>(key, owner));
    assertThat(store().byDigest(digest("k3"))).isEmpty();

    Account disabled = owner.withDisabled(true);
    stores().accounts().replace(disabled);
    assertThat(store().byDigest(digest("k1"))).contains(new OwnedCredential<>(key, disabled));
  }

  @Test
  void keyIsFoundByItsDigestWhenItIsRotatedAndRevoked() {
    store().add(credential("k1", "o1"));
    store().rotate("k1", LATER, credential("k2", "o1"));
    store().revoke("k1", LATER);
    store().touch(Map.of("k1", LATER));

    assertThat(store().byDigest(digest("k1")).map(OwnedCredential::credential))
        .contains(stored("k1"));
    assertThat(store().byDigest(digest("k2")).map(OwnedCredential::credential))
        .contains(credential("k2", "o1"));
  }

  @Test
  void secondKeyOfADigestIsRefusedAndChangesNothing() {
    store().add(credential("k1", "o1"));
    IssuedCredential<StoredApiKey> twin =
        new IssuedCredential<>("k2", "o2", terms("k2", null), apiKey("k1"), START);

    assertThatThrownBy(() -> store().add(twin)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().rotate("k1", LATER, twin))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(store().byId("k2")).isEmpty();
    assertThat(store().byDigest(digest("k1")).map(OwnedCredential::credential))
        .contains(credential("k1", "o1"));

    store().revoke("k1", START);
    assertThatThrownBy(() -> store().add(twin)).isInstanceOf(IllegalArgumentException.class);
    assertThat(store().byDigest(digest("k1")).map(OwnedCredential::credential))
        .contains(stored("k1"));
  }

  @Test
  void keyThatIsForgottenIsNotFoundByItsDigest() {
    store().add(credential("k1", "o1"));
    store().revoke("k1", START);

    store().purgeEnded(new EndedRetention(START.plus(Duration.ofDays(31)), Duration.ofDays(30), 9));

    assertThat(store().byDigest(digest("k1"))).isEmpty();
    store().add(credential("k3", "o1"));
    assertThat(store().byDigest(digest("k3"))).isPresent();
  }
}
