package dev.gatehouse.signing;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// Ed25519 for JSON Web Keys (RFC 8037), with the provider of [SignatureProvider]. The JOSE library
/// would need another library for it. Thread-safe; does not block.
final class Ed25519 {

  private static final String NAME = "Ed25519";
  private static final int KEY_BYTES = 32;

  // RFC 8410 §4 and §7: both encodings have a fixed beginning and end with the 32 bytes of the key.
  private static final byte[] PUBLIC = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final byte[] PRIVATE = HexFormat.of().parseHex("302e020100300506032b657004220420");

  private Ed25519() {}

  /// Generates a key pair with this id.
  static OctetKeyPair generate(String keyId, Algorithm algorithm) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(NAME).generateKeyPair();
      // RFC 8037 §2: x is the public key, d the private one.
      return new OctetKeyPair.Builder(Curve.Ed25519, tail(pair.getPublic().getEncoded()))
          .d(tail(pair.getPrivate().getEncoded()))
          .keyID(keyId)
          .keyUse(KeyUse.SIGNATURE)
          .algorithm(algorithm)
          .build();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException("this Java platform has no Ed25519", failed);
    }
  }

  /// Returns the signature over these bytes: 64 bytes. Throws [IllegalStateException] if the key
  /// has no valid private part.
  static byte[] sign(OctetKeyPair key, byte[] input) {
    try {
      PrivateKey signing =
          KeyFactory.getInstance(NAME)
              .generatePrivate(new PKCS8EncodedKeySpec(joined(PRIVATE, key.getDecodedD())));
      Signature signature = SignatureProvider.signature(NAME);
      signature.initSign(signing);
      signature.update(input);
      return signature.sign();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException("nothing could be signed with " + key.getKeyID(), failed);
    }
  }

  /// Returns true if the signature over these bytes was made with this key. Returns false if the
  /// signature or the key is malformed.
  static boolean verifies(OctetKeyPair key, byte[] input, byte[] signed) {
    try {
      Signature signature = SignatureProvider.signature(NAME);
      signature.initVerify(publicKey(key));
      signature.update(input);
      return signature.verify(signed);
    } catch (SignatureException | InvalidKeyException | InvalidKeySpecException noSignature) {
      return false;
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException("this Java platform has no Ed25519", failed);
    }
  }

  /// Converts the public part to a key of the Java platform. Checks its length only.
  static PublicKey publicKey(OctetKeyPair key) throws InvalidKeySpecException {
    try {
      return KeyFactory.getInstance(NAME)
          .generatePublic(new X509EncodedKeySpec(joined(PUBLIC, key.getDecodedX())));
    } catch (NoSuchAlgorithmException failed) {
      throw new IllegalStateException("this Java platform has no Ed25519", failed);
    }
  }

  private static Base64URL tail(byte[] encoded) {
    return Base64URL.encode(
        Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length));
  }

  private static byte[] joined(byte[] head, byte[] key) {
    return ByteBuffer.allocate(head.length + key.length).put(head).put(key).array();
  }
}
