package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.KeyPair;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

class SigningRequestTest {

  private static final AlgorithmIdentifier ED25519 =
      new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.101.112"));

  // The neutral point, and the signature that it has of every text.
  private static final String NEUTRAL = "01" + "00".repeat(31);
  private static final byte[] CONSTANT = HexFormat.of().parseHex(NEUTRAL + "00".repeat(32));

  @Test
  void provesTheKeyThatSignedIt() {
    KeyPair pair = SigningRequest.newKeyPair();
    assertThat(SigningRequest.provedKey(SigningRequest.of(pair))).isEqualTo(pair.getPublic());
  }

  @Test
  void refusesKeyOfWhichOneSignatureFitsEveryText() {
    String forged =
        Pem.text(
            new PKCS10CertificationRequestBuilder(
                    X500Name.getInstance(new X500Principal("CN=x").getEncoded()),
                    new SubjectPublicKeyInfo(ED25519, HexFormat.of().parseHex(NEUTRAL)))
                .build(new ConstantSigner()));

    assertThatThrownBy(() -> SigningRequest.provedKey(forged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the request's key is an Ed25519 key");
  }

  private static final class ConstantSigner implements ContentSigner {
    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return ED25519;
    }

    @Override
    public OutputStream getOutputStream() {
      return new ByteArrayOutputStream();
    }

    @Override
    public byte[] getSignature() {
      return CONSTANT.clone();
    }
  }
}
