package dev.gatehouse.client;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import javax.crypto.Mac;

/// The algorithms of HTTP Message Signatures that a gate accepts.
enum SignatureAlgorithm {
  // RFC 9421 §3.3.3
  HMAC_SHA256("hmac-sha256", "HmacSHA256"),
  // RFC 9421 §3.3.6
  ED25519("ed25519", "Ed25519"),
  // RFC 9421 §3.3.4: r and s, 32 bytes each, not in DER
  ECDSA_P256_SHA256("ecdsa-p256-sha256", "SHA256withECDSAinP1363Format"),
  // RFC 9421 §3.3.1
  RSA_PSS_SHA512("rsa-pss-sha512", "RSASSA-PSS");

  // RFC 9421 §3.3.1: SHA-512 for the message and for the mask, a salt of 64 bytes
  private static final PSSParameterSpec PSS =
      new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1);

  private final String registeredName;
  private final String platformName;

  SignatureAlgorithm(String registeredName, String platformName) {
    this.registeredName = registeredName;
    this.platformName = platformName;
  }

  /// Returns the name in the registry of RFC 9421 §6.2.
  String registeredName() {
    return registeredName;
  }

  /// Returns the signature of those bytes.
  byte[] sign(Key key, byte[] signed) {
    try {
      if (!(key instanceof PrivateKey own)) {
        Mac mac = Mac.getInstance(platformName);
        mac.init(key);
        return mac.doFinal(signed);
      }
      Signature signature = Signature.getInstance(platformName);
      if (this == RSA_PSS_SHA512) {
        signature.setParameter(PSS);
      }
      signature.initSign(own);
      signature.update(signed);
      return signature.sign();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException("The key can't sign with " + registeredName, failed);
    }
  }
}
