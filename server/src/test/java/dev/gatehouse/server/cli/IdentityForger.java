package dev.gatehouse.server.cli;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes tokens in the form of `Gatehouse-Identity`, good ones and wrong ones, with keys of its own
/// that upstreams of a test find in the key set.
final class IdentityForger {

  private static final String TYPE = "gatehouse-identity+jwt";

  private final ECKey signer;
  private final RSAKey rsa;

  IdentityForger() throws JOSEException {
    signer = ecKey("signer");
    rsa = new RSAKeyGenerator(2048).keyID("rsa").keyUse(KeyUse.SIGNATURE).generate();
  }

  /// The keys to publish.
  List<JWK> keys() {
    return List.of(signer, rsa);
  }

  static ECKey ecKey(String id) throws JOSEException {
    return new ECKeyGenerator(Curve.P_256)
        .keyID(id)
        .keyUse(KeyUse.SIGNATURE)
        .algorithm(JWSAlgorithm.ES256)
        .generate();
  }

  static JWTClaimsSet.Builder claims(URI audience) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer("gatehouse")
        .audience(audience.toString())
        .subject("u_alice")
        .claim("auth_method", "session")
        .claim("credential", "ses_1")
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(60)))
        .jwtID("1");
  }

  /// A token that the upstream takes.
  String good(URI audience) throws JOSEException {
    return signed(signer, claims(audience));
  }

  static String signed(ECKey key, JWTClaimsSet.Builder claims) throws JOSEException {
    return signed(TYPE, key, claims);
  }

  private static String signed(@Nullable String type, ECKey key, JWTClaimsSet.Builder claims)
      throws JOSEException {
    SignedJWT token =
        new SignedJWT(header(JWSAlgorithm.ES256, type, key.getKeyID()), claims.build());
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private static JWSHeader header(JWSAlgorithm algorithm, @Nullable String type, String keyId) {
    return new JWSHeader.Builder(algorithm)
        .type(type == null ? null : new JOSEObjectType(type))
        .keyID(keyId)
        .build();
  }

  /// Tokens that are wrong in one thing each, by what it is.
  Map<String, String> wrong(URI audience) throws JOSEException {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String type : List.of("JWT", "at+jwt", "gatehouse-identity+jwt2")) {
      tokens.put("of the type " + type, signed(type, signer, claims(audience)));
    }
    tokens.put("without a type", signed(null, signer, claims(audience)));

    Instant now = Instant.now();
    tokens.put(
        "expired",
        signed(
            signer,
            claims(audience)
                .issueTime(Date.from(now.minusSeconds(90)))
                .expirationTime(Date.from(now.minusSeconds(30)))));
    tokens.put("without an end", signed(signer, claims(audience).expirationTime(null)));
    tokens.put(
        "of another audience", signed(signer, claims(audience).audience("http://127.0.0.1:1")));
    tokens.put("of no audience", signed(signer, claims(audience).audience((String) null)));
    tokens.put(
        "of another issuer", signed(signer, claims(audience).issuer("https://evil.example")));
    tokens.put("of no issuer", signed(signer, claims(audience).issuer(null)));
    tokens.put("of another key", signed(ecKey("signer"), claims(audience)));
    tokens.put("of an unknown key", signed(ecKey("unknown"), claims(audience)));
    String good = good(audience);
    String payload =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                claims(audience)
                    .subject("u_mallory")
                    .build()
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
    String[] parts = good.split("\\.", -1);
    tokens.put("altered", parts[0] + "." + payload + "." + parts[2]);
    tokens.put("without its signature", parts[0] + "." + parts[1] + ".");
    tokens.put(
        "without an algorithm",
        new PlainJWT(
                new PlainHeader.Builder().type(new JOSEObjectType(TYPE)).build(),
                claims(audience).build())
            .serialize());
    SignedJWT byPublicKey =
        new SignedJWT(header(JWSAlgorithm.HS256, TYPE, "signer"), claims(audience).build());
    byPublicKey.sign(new MACSigner(signer.toPublicJWK().toECPublicKey().getEncoded()));
    tokens.put("with the public key as a secret", byPublicKey.serialize());
    SignedJWT byRsa =
        new SignedJWT(header(JWSAlgorithm.RS256, TYPE, "rsa"), claims(audience).build());
    byRsa.sign(new RSASSASigner(rsa));
    tokens.put("with another algorithm than the gate's", byRsa.serialize());
    ECKey own = ecKey("own");
    SignedJWT withItsKey =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType(TYPE))
                .jwk(own.toPublicJWK())
                .build(),
            claims(audience).build());
    withItsKey.sign(new ECDSASigner(own));
    tokens.put("with a key of its own", withItsKey.serialize());
    Stream.of("x", "a.b.c", "é".repeat(3), good + "." + good, "Bearer " + good, good + ", " + good)
        .forEach(text -> tokens.put("no token: " + text, text));
    return tokens;
  }
}
