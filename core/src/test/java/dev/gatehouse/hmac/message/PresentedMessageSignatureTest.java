package dev.gatehouse.hmac.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresentedMessageSignatureTest {

  private static final String INPUT = "sig=(\"@method\");created=1618884473;keyid=\"k\"";
  private static final String SIGNATURE = "sig=:AQID:";

  @Test
  void theOnlySignatureCounts() throws Exception {
    PresentedMessageSignature signature =
        PresentedMessageSignature.in(fields(List.of(INPUT), List.of(SIGNATURE)), null)
            .orElseThrow();

    assertThat(signature.signature()).containsExactly(1, 2, 3);
    assertThat(signature.parameters().keyId()).isEqualTo("k");
    assertThat(signature.parameters().created()).isEqualTo(1618884473);
    assertThat(signature.parameters().text())
        .isEqualTo("(\"@method\");created=1618884473;keyid=\"k\"");
    assertThat(signature).hasToString("PresentedMessageSignature[k]");
  }

  @Test
  void whatSpacesItCameWithIsNotSigned() throws Exception {
    assertThat(
            PresentedMessageSignature.in(
                    fields(
                        List.of(" sig=(  \"@method\"   \"date\" );  created=1;  keyid=\"k\" "),
                        List.of(SIGNATURE)),
                    null)
                .orElseThrow()
                .parameters()
                .text())
        .isEqualTo("(\"@method\" \"date\");created=1;keyid=\"k\"");
  }

  @Test
  void withoutBothFieldsThereIsNone() throws Exception {
    assertThat(PresentedMessageSignature.in(fields(List.of(), List.of()), null)).isEmpty();
    refused(List.of(INPUT), List.of(), null);
    refused(List.of(), List.of(SIGNATURE), null);
    // What came before RFC 9421 had the one field, and another form.
    refused(List.of(), List.of("keyId=\"k\",signature=\"AQID\""), null);
  }

  @Test
  void aLabelThatIsThereTwiceIsRefused() {
    refused(List.of(INPUT + ", " + INPUT), List.of(SIGNATURE), null);
    refused(List.of(INPUT, INPUT), List.of(SIGNATURE), null);
    refused(List.of(INPUT), List.of(SIGNATURE + "," + SIGNATURE), null);
    refused(List.of(INPUT), List.of(SIGNATURE, SIGNATURE), null);
    refused(List.of(INPUT), List.of(SIGNATURE, "sig=:BAUG:"), "sig");
  }

  @Test
  void aParameterThatIsThereTwiceIsRefused() {
    refused(List.of(INPUT + ";created=1"), List.of(SIGNATURE), null);
    refused(List.of(INPUT + ";keyid=\"k\""), List.of(SIGNATURE), null);
    refused(List.of(INPUT.replace("\"@method\"", "\"x\";bs;bs")), List.of(SIGNATURE), null);
    // In a string, neither a comma nor a semicolon is one.
    assertThat(
            accepted(List.of(INPUT.replace("\"k\"", "\"k;k,\\\"k;\"")), List.of(SIGNATURE), null)
                .parameters()
                .keyId())
        .isEqualTo("k;k,\"k;");
  }

  @Test
  void ofSeveralSignaturesTheOneOfTheConfiguredLabelCountsOrNone() {
    String proxy = "proxy=(\"@path\");created=2;keyid=\"p\"";
    refused(List.of(INPUT, proxy), List.of(SIGNATURE, "proxy=:BA==:"), null);
    refused(List.of(INPUT, proxy), List.of(SIGNATURE, "proxy=:BA==:"), "other");
    assertThat(
            accepted(List.of(proxy, INPUT), List.of("proxy=:BA==:", SIGNATURE), "sig")
                .parameters()
                .keyId())
        .isEqualTo("k");
    refused(List.of(INPUT), List.of("other=:AQID:"), null);
    refused(List.of(INPUT, "a=()", "b=()", "c=()", "d=()"), List.of(SIGNATURE), "sig");
    refused(List.of(INPUT), List.of(SIGNATURE, "a=1", "b=1", "c=1", "d=1"), "sig");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sig",
        "sig=1",
        "sig=\"@method\";created=1;keyid=\"k\"",
        "sig=();keyid=\"k\"",
        "sig=();created=1",
        "sig=();created=-1;keyid=\"k\"",
        "sig=();created=1.0;keyid=\"k\"",
        "sig=();created=\"1\";keyid=\"k\"",
        "sig=();created=1e9;keyid=\"k\"",
        "sig=();created=0x1;keyid=\"k\"",
        "sig=();created=NaN;keyid=\"k\"",
        "sig=();created;keyid=\"k\"",
        "sig=();created=@1;keyid=\"k\"",
        "sig=();created=1000000000000000;keyid=\"k\"",
        "sig=();created=1;expires=soon;keyid=\"k\"",
        "sig=();created=1;keyid=k",
        "sig=();created=1;keyid=:aw==:",
        "sig=();created=1;keyid=\"\"",
        "sig=();created=1;keyid=\"k\";nonce=n",
        "sig=();created=1;keyid=\"k\";nonce=\"\"",
        "sig=();created=1;keyid=\"k\";alg=hmac-sha256",
        "sig=();created=1;keyid=\"k\";tag",
        "sig=();created=1;keyid=\"k\";other=1",
        "sig=();created=1;keyid=\"\u00e9\"",
        "sig=(;created=1;keyid=\"k\"",
        "sig=();created=1;keyid=\"k\",",
        "Sig=();created=1;keyid=\"k\"",
        ""
      })
  void anInputThatSaysSomethingElseIsRefused(String input) {
    refused(List.of(input), List.of(SIGNATURE), null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sig",
        "sig=AQID",
        "sig=\"AQID\"",
        "sig=(:AQID:)",
        "sig=:AQID",
        "sig=:A QID:",
        "sig=:AQ-_:",
        "sig=:AQID: x",
        "sig=01FF",
        ""
      })
  void aSignatureThatIsNoByteSequenceIsRefused(String signature) {
    refused(List.of(INPUT), List.of(signature), null);
  }

  @Test
  void theFieldsAreBounded() {
    refused(List.of(INPUT + ";nonce=\"" + "n".repeat(257) + "\""), List.of(SIGNATURE), null);
    refused(
        List.of("sig=(\"" + "x".repeat(129) + "\");created=1;keyid=\"k\""),
        List.of(SIGNATURE),
        null);
    refused(
        List.of(INPUT),
        List.of("sig=:" + Base64.getEncoder().encodeToString(new byte[1025]) + ":"),
        null);
    refused(List.of(INPUT), List.of(SIGNATURE + ",x=\"" + "x".repeat(8192) + "\""), "sig");
    refused(List.of(INPUT + ",x=\"" + "x".repeat(8192) + "\""), List.of(SIGNATURE), "sig");
  }

  @Test
  void contentDigestNamesADigestThatProvesSomething() throws Exception {
    byte[] body = "{\"hello\": \"world\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String sha256 = digest("sha-256", "SHA-256", body);
    String sha512 = digest("sha-512", "SHA-512", body);
    String other = digest("sha-256", "SHA-256", new byte[1]);

    for (List<String> lines :
        List.of(
            List.of(sha256),
            List.of(sha512),
            List.of("md5=:Sd/dVLAcvNLSq16eXua5uQ==:, " + sha256),
            List.of(sha256, sha512))) {
      assertThat(meets(lines, body)).as("%s", lines).isTrue();
      assertThat(meets(lines, new byte[1])).as("%s", lines).isFalse();
      assertThat(meets(lines, new byte[0])).as("%s", lines).isFalse();
    }
    // Of two, the longer decides.
    assertThat(meets(List.of(other, sha512), body)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "md5=:Sd/dVLAcvNLSq16eXua5uQ==:",
        "sha=:7J9ANHCNr2CAEeeL13GLDR2xD5U=:",
        "unixsum=30637",
        "crc32c=:AAAAAA==:",
        "sha-256=:AQID:",
        "sha-256=AQID",
        "sha-256=\"X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\"",
        "sha-256",
        "SHA-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        "sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, sha-512=:AQID:",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:,"
            + " sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
      })
  void aContentDigestOfAnotherAlgorithmOnlyIsRefused(String field) {
    assertThatThrownBy(() -> ContentDigest.of(List.of(field)))
        .isInstanceOf(MalformedSignatureException.class);
  }

  // Whatever comes: a signature, or a clear refusal; nothing else escapes.
  @Test
  void changedAtRandomTheFieldsAreReadOrRefused() {
    Random random = new Random(9421);
    String alphabet = "()\";=:,. \t\\?*@%-_azAZ019+/\u00e9\n\u0000\uffff";
    int read = 0;
    for (int i = 0; i < 50_000; i++) {
      String input = changed(INPUT + ";nonce=\"n\";alg=\"ed25519\"", alphabet, random);
      String signature = changed(SIGNATURE, alphabet, random);
      try {
        read +=
            PresentedMessageSignature.in(fields(List.of(input), List.of(signature)), null)
                    .isPresent()
                ? 1
                : 0;
      } catch (MalformedSignatureException refused) {
        assertThat(refused).hasMessageMatching("[\\x20-\\x7e]{10,400}");
      }
    }
    assertThat(read).isGreaterThan(1000);
  }

  private static String changed(String text, String alphabet, Random random) {
    StringBuilder changed = new StringBuilder(text);
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(changed.length());
      char with = alphabet.charAt(random.nextInt(alphabet.length()));
      switch (random.nextInt(3)) {
        case 0 -> changed.setCharAt(at, with);
        case 1 -> changed.insert(at, with);
        default -> changed.deleteCharAt(at);
      }
    }
    return changed.toString();
  }

  private static boolean meets(List<String> lines, byte[] body) throws Exception {
    var digest = ContentDigest.of(lines);
    MessageDigest hash = digest.begin();
    hash.update(body);
    return digest.matches(hash);
  }

  private static String digest(String name, String algorithm, byte[] body) throws Exception {
    return name
        + "=:"
        + Base64.getEncoder().encodeToString(MessageDigest.getInstance(algorithm).digest(body))
        + ":";
  }

  private static PresentedMessageSignature accepted(
      List<String> inputs, List<String> signatures, @Nullable String label) {
    try {
      return PresentedMessageSignature.in(fields(inputs, signatures), label).orElseThrow();
    } catch (MalformedSignatureException refused) {
      throw new AssertionError(refused);
    }
  }

  private static void refused(
      List<String> inputs, List<String> signatures, @Nullable String label) {
    assertThatThrownBy(() -> PresentedMessageSignature.in(fields(inputs, signatures), label))
        .as("%s %s", inputs, signatures)
        .isInstanceOf(MalformedSignatureException.class);
  }

  private static HeaderFields fields(List<String> inputs, List<String> signatures) {
    return HeaderFields.of(Map.of("signature-input", inputs, "Signature", signatures));
  }
}
