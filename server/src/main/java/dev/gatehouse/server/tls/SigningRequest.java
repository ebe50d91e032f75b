package dev.gatehouse.server.tls;

import dev.gatehouse.signing.PublicKeyCheck;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// A request for a certificate (PKCS #10, RFC 2986). Its signature proves that the sender has the
/// private key.
///
/// Only the public key is used. The CA decides everything else that the certificate says.
public final class SigningRequest {

  /// The length of the longest request that is read.
  public static final int MAX_CHARS = 16 * 1024;

  private SigningRequest() {}

  /// The key whose possession the request proves, and in which [PublicKeyCheck] finds no fault;
  /// throws [IllegalArgumentException] that says what is wrong with it.
  ///
  /// @param pem as `openssl req -new` writes it
  public static PublicKey provedKey(String pem) {
    if (pem.length() > MAX_CHARS) {
      throw new IllegalArgumentException("the request is too long");
    }
    try {
      PKCS10CertificationRequest request = Pem.request(pem);
      SubjectPublicKeyInfo info = request.getSubjectPublicKeyInfo();
      PublicKey key =
          KeyFactory.getInstance(info.getAlgorithm().getAlgorithm().getId())
              .generatePublic(new X509EncodedKeySpec(info.getEncoded()));
      String fault = PublicKeyCheck.fault(key);
      if (fault != null) {
        throw new IllegalArgumentException("the request's key is " + fault);
      }
      // RFC 2986 §3: the request is signed with its private key. That is the only proof of
      // possession.
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new IllegalArgumentException("the request is not signed by the key that it names");
      }
      return key;
    } catch (Pem.Unreadable unreadable) {
      throw new IllegalArgumentException("the request " + unreadable.getMessage(), unreadable);
    } catch (GeneralSecurityException
        | IOException
        | OperatorCreationException
        | PKCSException
        | IllegalStateException unfit) {
      throw new IllegalArgumentException(
          "the request's key or signature is of a kind that can't be read", unfit);
    }
  }

  /// A new key pair for a client, on P-256.
  public static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK makes P-256 keys", impossible);
    }
  }

  /// A request for that pair of [#newKeyPair], in PEM.
  public static String of(KeyPair pair) {
    try {
      return Pem.text(
          new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=client"), pair.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    } catch (OperatorCreationException impossible) {
      throw new IllegalStateException("a P-256 key signs", impossible);
    }
  }

  /// The pair's private key in PEM (PKCS #8): a secret.
  public static String privateKeyPem(KeyPair pair) {
    return Pem.text(pair.getPrivate());
  }
}
