package dev.gatehouse.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What others found wrong with the judgement of certificate chains (x509-limbo). Its cases for
/// clients are taken as they are. Its cases for servers are turned into clients': the usage that is
/// demanded of the leaf is the one that those leaves have, and the expected name of the server is
/// the name by which the client would be registered; a chain is accepted when it is good *and* its
/// names hold that one.
class X509LimboTest {

  // Of servers only: no client's certificate is refused for it.
  private static SortedMap<String, String> notOfClients() {
    SortedMap<String, String> not = new TreeMap<>();
    for (String name :
        List.of(
            "case-mismatch", "not-in-san", "punycode-not-in-san", "utf8-vs-punycode-mismatch")) {
      not.put("webpki::cn::" + name, "how public servers write the CN, at which nobody looks here");
    }
    not.put("webpki::eku::ee-critical-eku", "a rule for serverAuth; RFC 5280 §4.2.1.12 allows it");
    not.put("webpki::eku::root-has-eku", "a rule for serverAuth; a client CA may be bound to it");
    not.put("pathlen::max-chain-depth-0-exhausted", "a parameter that this check has not");
    not.put("pathlen::max-chain-depth-1-exhausted", "a parameter that this check has not");
    return not;
  }

  // Must pass, and is refused here.
  private static SortedMap<String, String> stricter() {
    SortedMap<String, String> stricter = new TreeMap<>();
    String noKeyIdentifier =
        "its CA is no root and has no authority key identifier, as must fail in";
    stricter.put(
        "cve::cve-2024-0567", noKeyIdentifier + " rfc5280::aki::cross-signed-root-missing-aki");
    String ca = "a CA's certificate is no client's, as webpki::ca-as-leaf says";
    stricter.put("pathlen::validation-ignores-pathlen-in-leaf", ca);
    stricter.put("rfc5280::ca-as-leaf", ca);
    stricter.put("rfc5280::eku::ee-without-eku", "the contract demands clientAuth by name");
    String wildcard = "a wildcard is no client's name";
    stricter.put("webpki::nc::nc-permits-dns-san-pattern", wildcard);
    stricter.put("webpki::san::leftmost-wildcard-san", wildcard);
    stricter.put(
        "webpki::nc::permitted-dns-match-noncritical",
        "must fail as rfc5280::nc::permitted-dns-match-noncritical");
    String address = "an IP address is no client's name";
    stricter.put("rfc5280::nc::permitted-ipv4-match", address);
    stricter.put("rfc5280::nc::permitted-ipv6-match", address);
    stricter.put("webpki::san::exact-localhost-ip-san", address);
    return stricter;
  }

  @Test
  void limbosChainsAreJudgedAsItSaysOrStricter() throws Exception {
    SortedSet<String> acceptedThatMustFail = new TreeSet<>();
    SortedSet<String> refusedThatMayPass = new TreeSet<>();
    int clients = 0;
    List<Map<String, Object>> cases = cases();
    for (Map<String, Object> test : cases) {
      boolean mustPass = "SUCCESS".equals(test.get("expected_result"));
      boolean accepted = refusal(test, purposeOf(test)) == null;
      if (accepted && !mustPass) {
        acceptedThatMustFail.add(text(test, "id"));
      } else if (!accepted && mustPass) {
        refusedThatMayPass.add(text(test, "id"));
      }
      clients += isClients(test) ? 1 : 0;
    }

    assertThat(cases).hasSize(193);
    assertThat(clients).isEqualTo(10);
    assertThat(acceptedThatMustFail).isEqualTo(notOfClients().keySet());
    assertThat(refusedThatMayPass).isEqualTo(stricter().keySet());
  }

  @Test
  void noServersCertificateIsAClients() throws Exception {
    for (Map<String, Object> test : cases()) {
      // Two have the usage of clients: one for both, and one as the wrong usage for a server.
      if (!isClients(test)
          && !List.of("rfc5280::eku::ee-wrong-eku", "webpki::cryptographydotio-chain")
              .contains(text(test, "id"))) {
        assertThat(refusal(test, KeyPurposeId.id_kp_clientAuth)).as(text(test, "id")).isNotNull();
      }
    }
  }

  private static List<Map<String, Object>> cases() throws IOException, ParseException {
    try (InputStream in =
        Objects.requireNonNull(
            X509LimboTest.class.getResourceAsStream(
                "/vectors/x509-limbo/limbo-no-bettertls-no-online.json"))) {
      return List.of(
          JSONObjectUtils.getJSONObjectArray(
              JSONObjectUtils.parse(
                  new String(in.readAllBytes(), StandardCharsets.UTF_8), 10_000_000),
              "testcases"));
    }
  }

  // Why the case is refused, wherever that happens: when the CAs and lists are loaded, or when the
  // chain or its names are judged; null when it is accepted.
  private static @Nullable String refusal(Map<String, Object> test, KeyPurposeId purpose) {
    List<ClientCa> cas = new ArrayList<>();
    StringBuilder atLoading = new StringBuilder();
    for (String pem : texts(test, "trusted_certs")) {
      try {
        cas.add(ClientCa.of(certificate(pem), purpose));
      } catch (IllegalArgumentException refused) {
        atLoading.append("; a CA ").append(refused.getMessage());
      }
    }
    try {
      List<RevocationList> lists =
          texts(test, "crls").stream().map(pem -> RevocationList.of(der(pem))).toList();
      ClientTrust trust = new ClientTrust(cas, lists, purpose);
      List<X509Certificate> chain = new ArrayList<>();
      chain.add(certificate(text(test, "peer_certificate")));
      texts(test, "untrusted_intermediates").forEach(pem -> chain.add(certificate(pem)));
      return switch (trust.validate(chain, time(test))) {
        case ChainVerdict.Invalid(String cause) -> cause + atLoading;
        case ChainVerdict.Valid good ->
            isKnown(test, CertificateName.namesOf(good.leaf())) ? null : "is known by no such name";
      };
    } catch (IllegalArgumentException refused) {
      return refused.getMessage() + atLoading;
    }
  }

  private static boolean isClients(Map<String, Object> test) {
    return "CLIENT".equals(test.get("validation_kind"));
  }

  private static KeyPurposeId purposeOf(Map<String, Object> test) {
    return isClients(test) ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth;
  }

  // Without an expected name, the chain is all that is asked about.
  private static boolean isKnown(Map<String, Object> test, List<CertificateName> names) {
    List<Object> expected = new ArrayList<>();
    if (test.get("expected_peer_name") instanceof Map<?, ?> name) {
      expected.add(name);
    }
    if (test.get("expected_peer_names") instanceof List<?> list) {
      expected.addAll(list);
    }
    return expected.isEmpty()
        || expected.stream()
            .map(Map.class::cast)
            .anyMatch(
                name ->
                    names.stream()
                        .anyMatch(
                            known ->
                                Objects.equals(KINDS.get(name.get("kind")), known.kind())
                                    && known.value().equals(name.get("value"))));
  }

  private static final Map<String, CertificateName.Kind> KINDS =
      Map.of("DNS", CertificateName.Kind.DNS, "RFC822", CertificateName.Kind.EMAIL);

  private static Instant time(Map<String, Object> test) {
    return test.get("validation_time") instanceof String time
        ? OffsetDateTime.parse(time).toInstant()
        : Instant.now();
  }

  private static X509Certificate certificate(String pem) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der(pem)));
    } catch (CertificateException unreadable) {
      throw new IllegalArgumentException(
          "Java can't read it: " + unreadable.getMessage(), unreadable);
    }
  }

  private static byte[] der(String pem) {
    return Base64.getDecoder().decode(pem.replaceAll("-----[A-Z0-9 ]+-----|\\s", ""));
  }

  private static String text(Map<String, Object> test, String name) {
    return Objects.requireNonNull((String) test.get(name));
  }

  private static List<String> texts(Map<String, Object> test, String name) {
    return test.get(name) instanceof List<?> list
        ? list.stream().map(String.class::cast).toList()
        : List.of();
  }
}
