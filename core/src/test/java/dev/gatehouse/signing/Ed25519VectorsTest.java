package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Wycheproof's signatures of Ed25519, through our own path: the JOSE library has none of it.
class Ed25519VectorsTest {

  @Test
  void everySignatureIsJudgedAsWycheproofSays() throws Exception {
    int judged = 0;
    for (Map<String, Object> group : groups()) {
      JWK key =
          new OctetKeyPair.Builder(
                  Curve.Ed25519,
                  bytes(
                      JSONObjectUtils.getString(
                          JSONObjectUtils.getJSONObject(group, "publicKey"), "pk")))
              .algorithm(JWSAlgorithm.EdDSA)
              .build();
      assertThat(SigningAlgorithm.of(key)).contains(SigningAlgorithm.EDDSA);
      VerifyingKey foreign = VerifyingKey.of(key).orElseThrow();
      for (Map<String, Object> test : JSONObjectUtils.getJSONObjectArray(group, "tests")) {
        byte[] message = bytes(JSONObjectUtils.getString(test, "msg")).decode();
        Base64URL signature = bytes(JSONObjectUtils.getString(test, "sig"));
        boolean valid = "valid".equals(JSONObjectUtils.getString(test, "result"));
        assertThat(SigningAlgorithm.EDDSA.verifies(key, message, signature))
            .as("%s", test)
            .isEqualTo(valid);
        assertThat(foreign.verifies("EdDSA", message, signature)).as("%s", test).isEqualTo(valid);
        judged++;
      }
    }
    assertThat(judged).isEqualTo(151);
  }

  private static Map<String, Object>[] groups() throws Exception {
    try (InputStream file =
        Objects.requireNonNull(
            Ed25519VectorsTest.class.getResourceAsStream(
                "/vectors/wycheproof/ed25519_test.json"))) {
      return JSONObjectUtils.getJSONObjectArray(
          JSONObjectUtils.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8)),
          "testGroups");
    }
  }

  private static Base64URL bytes(String hex) {
    return Base64URL.encode(HexFormat.of().parseHex(hex));
  }
}
