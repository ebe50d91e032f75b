package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SigningAlgorithmTest {

  @ParameterizedTest
  @EnumSource
  void keysThatAreMadeHereAreFit(SigningAlgorithm algorithm) {
    JWK key = algorithm.generate("sig_a");

    assertThat(SigningAlgorithm.of(key)).contains(algorithm);
    assertThat(key.getKeyID()).isEqualTo("sig_a");
    assertThat(key.isPrivate()).isTrue();
  }

  @Test
  void keysOfAnotherCurveAreNot() throws Exception {
    assertThat(
            SigningAlgorithm.of(
                new ECKeyGenerator(Curve.P_384).algorithm(JWSAlgorithm.ES256).generate()))
        .isEmpty();
    assertThat(
            SigningAlgorithm.of(
                new OctetKeyPair.Builder(Curve.X25519, Base64URL.encode(new byte[32]))
                    .algorithm(JWSAlgorithm.EdDSA)
                    .build()))
        .isEmpty();
  }

  @Test
  void aSecretShorterThanTheHashIsNoKey() {
    assertThat(SigningAlgorithm.of(secret(32))).contains(SigningAlgorithm.HS256);
    assertThat(SigningAlgorithm.of(secret(31))).isEmpty();
  }

  private static JWK secret(int bytes) {
    return new OctetSequenceKey.Builder(new byte[bytes]).algorithm(JWSAlgorithm.HS256).build();
  }

  @Test
  void keyThatIsForSomethingElseOrNamesNoAlgorithmOrTheWrongOneIsNot() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();

    assertThat(SigningAlgorithm.of(key)).as("it names none").isEmpty();
    ECKey.Builder named = new ECKey.Builder(key).algorithm(JWSAlgorithm.ES256);
    assertThat(SigningAlgorithm.of(named.build())).contains(SigningAlgorithm.ES256);
    assertThat(SigningAlgorithm.of(named.keyUse(KeyUse.ENCRYPTION).build())).isEmpty();
    named.keyUse(null);
    assertThat(SigningAlgorithm.of(named.keyOperations(Set.of(KeyOperation.ENCRYPT)).build()))
        .isEmpty();
    assertThat(SigningAlgorithm.of(named.keyOperations(Set.of(KeyOperation.VERIFY)).build()))
        .isPresent();
    for (JWSAlgorithm other :
        new JWSAlgorithm[] {JWSAlgorithm.ES384, JWSAlgorithm.RS256, JWSAlgorithm.HS256}) {
      assertThat(SigningAlgorithm.of(named.algorithm(other).build())).isEmpty();
    }
  }
}
