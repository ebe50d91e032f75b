package dev.gatehouse.hmac.message;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.InMemorySignatureKeyStore;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A gate that takes signatures by RFC 9421, and clients that make them: written down by hand here,
/// so that nothing of the gate's own vouches for itself.
final class SigningHouse {

  static final Policy POLICY = Policy.accepting(Method.HMAC);

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  /// Signs bytes with a key that the gate knows.
  @FunctionalInterface
  interface Signer {
    byte[] sign(byte[] base) throws GeneralSecurityException;
  }

  /// A key that the gate knows.
  record Client(String keyId, Signer signer) {}

  final Time time = new Time();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  final InMemorySignatureKeyStore store = new InMemorySignatureKeyStore(accountStore);
  final Accounts accounts = new Accounts(accountStore, Roles.NONE, time.clock());
  final SignatureKeys keys =
      new SignatureKeys(
          store, accounts, new Seal(RandomIds.bytes(32)), OwnSecrets.NONE, time.clock());
  private final Revocations revocations =
      new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
  final InMemoryReplayStore used = new InMemoryReplayStore(1_000);
  private final SignatureVerifier check =
      new SignatureVerifier(
          HmacSettings.inRealm("orders"),
          store,
          keys,
          used,
          Roles.NONE,
          revocations,
          time.clock(),
          time.ticker());
  final MessageSignatureProfile profile;
  final Gate gate;

  SigningHouse(MessageSignatureSettings settings) {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:read"));
    feed.onCommit(revocations::hear);
    profile = new MessageSignatureProfile(settings, check);
    gate =
        new Gate(
            List.of(new HmacAuthenticator(HmacSettings.inRealm("orders"), List.of(profile))),
            revocations,
            new FailedAttempts(1_000, time.ticker()),
            new Usage(),
            time.clock(),
            time.ticker());
  }

  Client hmac() {
    CredentialIssuance.Issued<StoredSignatureKey> issued =
        issue(new SignatureKeys.Material.NewSecret());
    byte[] secret = issued.newSecret().getBytes(StandardCharsets.UTF_8);
    return new Client(
        issued.credential().id(),
        base -> {
          Mac mac = Mac.getInstance("HmacSHA256");
          mac.init(new SecretKeySpec(secret, "HmacSHA256"));
          return mac.doFinal(base);
        });
  }

  Client ed25519() throws GeneralSecurityException {
    return client(SignatureAlgorithm.ED25519, KeyPairGenerator.getInstance("Ed25519"), "Ed25519");
  }

  Client ecdsa() throws GeneralSecurityException {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
    pairs.initialize(new ECGenParameterSpec("secp256r1"));
    return client(SignatureAlgorithm.ECDSA_P256_SHA256, pairs, "SHA256withECDSAinP1363Format");
  }

  Client rsa() throws GeneralSecurityException {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
    pairs.initialize(2048);
    return client(SignatureAlgorithm.RSA_PSS_SHA512, pairs, "RSASSA-PSS");
  }

  private Client client(SignatureAlgorithm algorithm, KeyPairGenerator pairs, String platform) {
    KeyPair pair = pairs.generateKeyPair();
    return new Client(
        issue(new SignatureKeys.Material.PublicKey(algorithm, pem(pair.getPublic())))
            .credential()
            .id(),
        base -> {
          Signature signature = Signature.getInstance(platform);
          if (algorithm == SignatureAlgorithm.RSA_PSS_SHA512) {
            signature.setParameter(
                new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
          }
          signature.initSign(pair.getPrivate());
          signature.update(base);
          return signature.sign();
        });
  }

  /// What comes of adding that public key.
  CredentialIssuance<StoredSignatureKey> added(SignatureAlgorithm algorithm, PublicKey key) {
    return keys.issue(request(new SignatureKeys.Material.PublicKey(algorithm, pem(key))));
  }

  /// A key that is in the store as it is, and what is presented as its signature of everything.
  Client stored(PublicKey key, byte[] signature) {
    String keyId = "h_storedBeforeItWasRefused";
    accounts
        .find("shop")
        .ifPresent(
            shop ->
                store.add(
                    new IssuedCredential<>(
                        keyId,
                        shop.id(),
                        new CredentialTerms("key", Scopes.of("orders:read"), null, List.of(), null),
                        new StoredSignatureKey(
                            SignatureAlgorithm.ED25519,
                            Base64.getEncoder().encodeToString(key.getEncoded()),
                            null,
                            Set.of()),
                        time.now())));
    return new Client(keyId, base -> signature);
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static SignatureKeys.Request request(SignatureKeys.Material material) {
    return new SignatureKeys.Request(
        new CredentialRequest("shop", "key", null, null, List.of(), null),
        material,
        null,
        Set.of());
  }

  private CredentialIssuance.Issued<StoredSignatureKey> issue(SignatureKeys.Material material) {
    return switch (keys.issue(request(material))) {
      case CredentialIssuance.Issued<StoredSignatureKey> issued -> issued;
      case CredentialIssuance<StoredSignatureKey> other -> throw new AssertionError(other);
    };
  }

  /// The request, signed: that base, without its last line, and those parameters.
  static Map<String, List<String>> signed(
      Map<String, String> fields, Client by, String lines, String parameters) {
    try {
      String base = lines + "\"@signature-params\": " + parameters;
      Map<String, List<String>> all = new LinkedHashMap<>();
      fields.forEach((name, value) -> all.put(name, List.of(value)));
      all.put("Signature-Input", List.of("sig=" + parameters));
      all.put(
          "Signature",
          List.of(
              "sig=:"
                  + BASE64.encodeToString(by.signer.sign(base.getBytes(StandardCharsets.US_ASCII)))
                  + ":"));
      return all;
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    }
  }

  static AuthRequest request(
      String method, String target, Map<String, List<String>> fields, RequestBody body) {
    return request(method, "https", "api.example", target, fields, body);
  }

  static AuthRequest request(
      String method,
      String scheme,
      String authority,
      String target,
      Map<String, List<String>> fields,
      RequestBody body) {
    return new AuthRequest(
        method,
        scheme,
        authority,
        target,
        HeaderFields.of(fields),
        InetAddress.getLoopbackAddress(),
        PeerCertificates.NONE,
        body);
  }

  Decision admit(AuthRequest request) {
    return gate.admit(request, POLICY);
  }

  static String contentDigest(String body) {
    try {
      return "sha-256=:"
          + BASE64.encodeToString(
              MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)))
          + ":";
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    }
  }
}
