package dev.gatehouse.testkit;

import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.InMemoryCredentialStore;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The lifecycle in memory, of a kind of credential that only this test has: a new kind needs
/// nothing but a material and a [CredentialKind].
class InMemoryCredentialStoreTest
    extends CredentialStoreContract<InMemoryCredentialStoreTest.Badge> {

  record Badge(String number) {}

  private static final CredentialKind<Badge> KIND =
      new CredentialKind<>() {
        @Override
        public String idPrefix() {
          return "b_";
        }

        @Override
        public String noun() {
          return "badge";
        }
      };

  private @Nullable CredentialStore<Badge> badges;

  @Override
  protected Stores open(Clock feedClock) {
    InMemoryStores stores = InMemoryStores.open(feedClock);
    badges = new InMemoryCredentialStore<>(KIND, stores.accounts());
    return stores;
  }

  @Override
  protected CredentialStore<Badge> store() {
    return Objects.requireNonNull(badges);
  }

  @Override
  protected Badge material(String name) {
    return new Badge("number of " + name);
  }
}
