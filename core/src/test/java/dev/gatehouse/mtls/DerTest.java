package dev.gatehouse.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DerTest {

  private static byte[] nested(int depth) throws IOException {
    ASN1Encodable value = DERNull.INSTANCE;
    for (int i = 0; i < depth; i++) {
      value = i % 2 == 0 ? new DERSet(value) : new DERSequence(value);
    }
    return value.toASN1Primitive().getEncoded();
  }

  @Test
  void nestingIsBoundedBeforeItIsWrittenAgain() throws IOException {
    assertThat(Der.read(nested(16))).isNotNull();
    assertThat(Der.read(nested(17))).isNull();
    assertThat(Der.read(nested(60))).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000})
  void everyLengthIsRead(int length) throws IOException {
    byte[] content = new byte[length];
    Arrays.fill(content, (byte) 0x30);
    byte[] der = new DERSequence(new DEROctetString(content)).getEncoded();

    ASN1Sequence read = ASN1Sequence.getInstance(Der.read(der));
    assertThat(ASN1OctetString.getInstance(read.getObjectAt(0)).getOctets()).isEqualTo(content);
  }

  // Indefinite and long lengths, ends that do not meet, what follows, tags of several bytes.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "30",
        "3080020101 0000",
        "308103020101",
        "30820003020101",
        "308400000003020101",
        "3003020102 00",
        "3002020101",
        "30040201",
        "3003020201",
        "1f1f00",
        "0500 0500"
      })
  void whatIsNoDerIsNotRead(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ASN1Primitive read;
    try {
      read = Der.read(bytes);
    } catch (IOException | RuntimeException malformed) {
      read = null;
    }
    assertThat(read).isNull();
  }

  @Test
  void aPrefixOfDerIsNotRead() throws IOException {
    byte[] der = nested(5);
    for (int length = 0; length < der.length; length++) {
      ASN1Primitive read;
      try {
        read = Der.read(Arrays.copyOf(der, length));
      } catch (IOException | RuntimeException malformed) {
        read = null;
      }
      assertThat(read).as("%d", length).isNull();
    }
  }
}
