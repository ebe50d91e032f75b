package dev.gatehouse.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.RequestBody;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.mtls.TestCa;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens that are bound to a client certificate (RFC 8705 §3, §4).
class BoundTokensTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PeerCertificates OWN = shown(TestCa.root(NOW));
  private static final PeerCertificates OTHER = shown(TestCa.root(NOW));
  private static final Policy POLICY = Policy.accepting(Method.JWT);

  private final JwtHouse house = new JwtHouse();
  private final JwtHouse.Node node = house.node();

  private static PeerCertificates shown(TestCa whose) {
    return PeerCertificates.of(List.of(whose.certificate()));
  }

  private static Digest of(PeerCertificates certificates) {
    return Objects.requireNonNull(certificates.thumbprint());
  }

  private TokenPair bound() {
    return ((TokenPairIssuance.Issued)
            node.tokens.signIn(new SignIn(house.alice(), "pw_1"), "web", of(OWN)))
        .pair();
  }

  private String answer(String token, PeerCertificates certificates) {
    AuthRequest request =
        new AuthRequest(
            "GET",
            "https",
            "localhost",
            "/",
            HeaderFields.of(Map.of("Authorization", List.of("Bearer " + token))),
            Network.address("::1"),
            certificates,
            RequestBody.NONE);
    return node.gate.recall(request, POLICY).orElseGet(() -> node.gate.admit(request, POLICY))
            instanceof Decision.Refused refused
        ? refused.refusal().reason().code()
        : "OK";
  }

  @Test
  void aBoundTokenIsGoodWithItsCertificateOnlyAlsoWhenItIsRemembered() {
    String token = bound().accessToken();

    assertThat(answer(token, PeerCertificates.NONE)).isEqualTo("INVALID_TOKEN");
    assertThat(answer(token, OTHER)).isEqualTo("INVALID_TOKEN");
    assertThat(answer(token, OWN)).isEqualTo("OK");
    // Remembered by now.
    assertThat(answer(token, PeerCertificates.NONE)).isEqualTo("INVALID_TOKEN");
    assertThat(answer(token, OTHER)).isEqualTo("INVALID_TOKEN");
    assertThat(answer(token, OWN)).isEqualTo("OK");
    assertThat(answer(node.signIn().accessToken(), OTHER)).isEqualTo("OK");
  }

  @Test
  void aBoundFamilyIsRefreshedWithItsCertificateOnlyAndAThiefEndsNothing() {
    TokenPair first = bound();
    for (Digest wrong : new Digest[] {null, of(OTHER)}) {
      assertThat(node.tokens.refresh(first.refreshToken(), null, wrong))
          .isInstanceOf(TokenPairIssuance.Rejected.class);
    }

    TokenPair second =
        ((TokenPairIssuance.Issued) node.tokens.refresh(first.refreshToken(), null, of(OWN)))
            .pair();
    assertThat(answer(second.accessToken(), OTHER)).isEqualTo("INVALID_TOKEN");
    assertThat(answer(second.accessToken(), OWN)).isEqualTo("OK");

    // A second use by somebody without the key does not revoke the family.
    assertThat(node.tokens.refresh(first.refreshToken(), null, of(OTHER)))
        .isInstanceOf(TokenPairIssuance.Rejected.class);
    assertThat(node.tokens.refresh(second.refreshToken(), null, of(OWN)))
        .isInstanceOf(TokenPairIssuance.Issued.class);
  }

  @Test
  void aServicesTokenCanBeBoundToo() {
    String key = house.apiKey(null, Duration.ofDays(1), List.of()).id();

    assertThat(node.tokens.issueForService(JwtHouse.basis(key), "till", null, of(OWN)))
        .isInstanceOfSatisfying(
            ServiceTokenIssuance.Issued.class,
            issued -> {
              assertThat(answer(issued.accessToken(), OTHER)).isEqualTo("INVALID_TOKEN");
              assertThat(answer(issued.accessToken(), OWN)).isEqualTo("OK");
            });
  }

  @Test
  void theThumbprintIsTheOneOfRfc8705() {
    String payload = bound().accessToken().split("\\.", -1)[1];

    assertThat(new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8))
        .contains(
            "\"cnf\":{\"x5t#S256\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(of(OWN).bytes())
                + "\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "\"x\"",
        "[]",
        "{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
        "{\"x5t#S256\":\"%s\",\"jkt\":\"x\"}",
        "{\"x5t#S256\":\"short\"}",
        "{\"x5t#S256\":1}",
        "{\"x5t#S256\":\"%s=\"}"
      })
  void aConfirmationThatIsNotUnderstoodIsRefused(String confirmation) {
    String own = Base64.getUrlEncoder().withoutPadding().encodeToString(of(OWN).bytes());
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", JwtHouse.ISSUER);
    claims.put("aud", JwtHouse.AUDIENCE);
    claims.put("sub", "u_1");
    claims.put("sid", "f_1");
    claims.put("jti", "a_1");
    claims.put("client_id", "web");
    claims.put("scope", "");
    claims.put("iat", NOW.getEpochSecond());
    claims.put("exp", NOW.plusSeconds(60).getEpochSecond());
    String plain = com.nimbusds.jose.util.JSONObjectUtils.toJSONString(claims);
    String with =
        plain.substring(0, plain.length() - 1) + ",\"cnf\":" + confirmation.formatted(own) + "}";

    assertThat(judged(plain)).isInstanceOf(Check.Passed.class);
    assertThat(judged(plain.replaceFirst("}$", ",\"cnf\":{\"x5t#S256\":\"" + own + "\"}}")))
        .isInstanceOf(Check.Passed.class);
    assertThat(judged(with)).isInstanceOf(Check.Failed.class);
  }

  private static Check<VerifiedToken> judged(String payload) {
    return VerifiedToken.judge(payload.getBytes(StandardCharsets.UTF_8), JwtHouse.settings(), NOW);
  }
}
