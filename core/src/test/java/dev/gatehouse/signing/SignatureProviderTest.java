package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Security;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Runs with the fast provider on the class path, and again without it.
class SignatureProviderTest {

  private static final String NAME = "AmazonCorrettoCryptoProvider";

  @Test
  void theFastProviderIsUsedWhereItIs() throws Exception {
    boolean there = getClass().getResource("/com/amazon/corretto/crypto/provider") != null;

    assertThat(SignatureProvider.signature("SHA256withECDSA").getProvider().getName().equals(NAME))
        .isEqualTo(there);
    assertThat(SignatureProvider.signature("Ed25519").getProvider().getName().equals(NAME))
        .isEqualTo(there);
  }

  @Test
  void theRestOfTheProgramKeepsItsProviders() throws Exception {
    SignatureProvider.signature("SHA256withECDSA");

    assertThat(Arrays.stream(Security.getProviders()).map(java.security.Provider::getName))
        .doesNotContain(NAME);
  }
}
