package dev.gatehouse.basic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Conditions;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.Work;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.password.PasswordHouse;
import dev.gatehouse.password.Passwords;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BasicTest {

  private static final String PASSWORD = PasswordHouse.PASSWORD;
  private static final String OTHER = "another horse, another staple";
  private static final Policy POLICY = Policy.accepting(Method.BASIC);

  private final PasswordHouse house = new PasswordHouse();
  private final Gate gate = house.gate();

  @AfterEach
  void end() {
    house.close();
  }

  // The field.

  @Test
  void theExamplesOfRfc7617AreRead() {
    PresentedBasic aladdin =
        PresentedBasic.parse("QWxhZGRpbjpvcGVuIHNlc2FtZQ==").orElseThrow(); // RFC 7617 §2
    assertThat(aladdin.name().folded()).isEqualTo("aladdin");
    assertThat(utf8(aladdin.password().bytes())).isEqualTo("open sesame");
    PresentedBasic test = PresentedBasic.parse("dGVzdDoxMjPCow==").orElseThrow(); // §2.1
    assertThat(test.name().folded()).isEqualTo("test");
    assertThat(utf8(test.password().bytes())).isEqualTo("123\u00a3");
  }

  @Test
  void whoCallsIsTheAccountByItsPasswordsId() {
    Principal principal = principal(basic("alice", PASSWORD));

    assertThat(principal.subject()).isEqualTo(house.alice.id());
    assertThat(principal.method()).isEqualTo(Method.BASIC);
    assertThat(principal.credential()).startsWith("pw_");
    assertThat(principal.scopes()).isEqualTo(Scopes.of("orders:read", "orders:write"));
    assertThat(principal(basic("alice@example.com", PASSWORD))).isEqualTo(principal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic ", "basic ", "BASIC ", "bAsIc    "})
  void theSchemeHasNoCaseAndSpacesMayFollow(String scheme) {
    assertThat(status(scheme + base64("alice:" + PASSWORD))).isEqualTo(200);
  }

  @Test
  void twoFieldsAreAmbiguousAndOneWithACommaIsNone() {
    String good = basic("alice", PASSWORD);
    assertThat(refusal(request(List.of(good, good))).reason())
        .isEqualTo(Reason.AMBIGUOUS_CREDENTIALS);
    assertThat(status(good + ", " + good)).isEqualTo(401);
  }

  @Test
  void aPasswordWithAColonIsNotCut() {
    for (String password : List.of("one:two::three:four", ":begins with it", "and ends with it:")) {
      assertThat(house.passwords.set("alice", password)).isInstanceOf(Passwords.Change.Done.class);
      assertThat(status(basic("alice", password))).as(password).isEqualTo(200);
      assertThat(status(basic("alice", password.substring(0, password.lastIndexOf(':')))))
          .isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic",
        "Basic ",
        "Basic :",
        "Basic Og",
        "Basic alice:secret",
        "Basic ====",
        "Basic =",
        "Basic QQ==",
        "Basic Og==",
        "Basic OnNlY3JldA==",
        "Basic YWxpY2U6",
        "Basic \u00e4",
        "Basic realm=\"x\""
      })
  void whatIsNoPairIs401AndNotLookedUp(String value) {
    Refusal refusal = refusal(request(List.of(value)));

    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_CREDENTIALS);
    assertThat(refusal.fields())
        .containsEntry("WWW-Authenticate", List.of("Basic realm=\"orders\", charset=\"UTF-8\""));
    assertThat(house.lookUps).hasValue(0);
  }

  @Test
  void lenientBase64IsNone() {
    String good = base64("alice:" + PASSWORD);
    assertThat(good).endsWith("=");
    for (String lenient :
        List.of(
            good.replace("=", ""),
            good + "=",
            good + "====",
            good + "AAAA",
            " " + good + " ",
            good + " ",
            good + "\t",
            good.substring(0, 4) + " " + good.substring(4),
            good.substring(0, 4) + "\n" + good.substring(4),
            good.substring(0, 4) + "\r\n" + good.substring(4),
            good.substring(0, 4) + "-" + good.substring(5),
            good.substring(0, 4) + "=" + good.substring(5),
            withOtherLeftOverBits(good))) {
      assertThat(PresentedBasic.parse(lenient)).as(lenient).isEmpty();
    }
    // Base64url's letters are not Base64's.
    String url = Base64.getUrlEncoder().encodeToString(bytes("a:\u00ff\u00fe\u00fb??>>"));
    assertThat(url).containsAnyOf("-", "_");
    assertThat(PresentedBasic.parse(url)).isEmpty();
    assertThat(PresentedBasic.parse(good)).isPresent();
  }

  // The last letter before one "=" holds two bits that no byte has.
  private static String withOtherLeftOverBits(String base64) {
    int last = base64.indexOf('=') - 1;
    String other =
        base64.substring(0, last) + (char) (base64.charAt(last) + 1) + base64.substring(last + 1);
    assertThat(Base64.getDecoder().decode(other)).isEqualTo(Base64.getDecoder().decode(base64));
    return other;
  }

  @Test
  void bytesThatAreNoUtf8AreNotReplaced() {
    // Nor would a replaced one be anybody's.
    assertThat(house.passwords.set("alice", "\ufffd twelve characters"))
        .isInstanceOf(Passwords.Change.Refused.class);
    byte[] latin1 = "alice:\u00e9 twelve characters".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(status("Basic " + Base64.getEncoder().encodeToString(latin1))).isEqualTo(401);
    for (byte[] bad :
        List.of(
            new byte[] {'a', ':', (byte) 0xc0, (byte) 0x80}, // overlong NUL
            new byte[] {'a', ':', (byte) 0xed, (byte) 0xa0, (byte) 0x80}, // half a pair
            new byte[] {'a', ':', (byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            new byte[] {'a', ':', (byte) 0xe2, (byte) 0x82},
            new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0, ':', 0, 'b', 0})) {
      assertThat(PresentedBasic.parse(Base64.getEncoder().encodeToString(bad))).isEmpty();
    }
  }

  @Test
  void controlCharactersStandInNeitherPart() {
    for (int control = 0; control <= 0x9f; control++) {
      if (Character.isISOControl(control)) {
        String c = Character.toString(control);
        assertThat(PresentedBasic.parse(base64("ali" + c + "ce:secret"))).isEmpty();
        assertThat(PresentedBasic.parse(base64("alice:sec" + c + "ret"))).isEmpty();
        assertThat(PresentedBasic.parse(base64("alice:secret" + c))).isEmpty();
      }
    }
  }

  @Test
  void passwordsAlikeInTheFirst72BytesAreTwo() {
    house.passwords.set("alice", "x".repeat(72) + "one");
    assertThat(status(basic("alice", "x".repeat(72) + "one"))).isEqualTo(200);
    assertThat(status(basic("alice", "x".repeat(72) + "two"))).isEqualTo(401);
    assertThat(status(basic("alice", "x".repeat(72) + "one\0"))).isEqualTo(401);
  }

  @Test
  void aFieldWithoutEndIsRefusedUnread() {
    assertThat(status(basic("alice", "x".repeat(1_000_000)))).isEqualTo(401);
    assertThat(status(basic("x".repeat(1_000_000), PASSWORD))).isEqualTo(401);
    assertThat(house.lookUps).hasValue(0);
    assertThat(PresentedBasic.parse(base64("x".repeat(254) + ":" + "y".repeat(1_024))))
        .as("the longest pair fits")
        .isPresent();
  }

  @Test
  void thePairTypedDecomposedIsTheSame() {
    house.passwords.set("alice", "Z\u00fcrich ist sch\u00f6n");
    assertThat(status(basic("alice", "Z\u00fcrich ist sch\u00f6n"))).isEqualTo(200);
    assertThat(status(basic("ALICE", "Zu\u0308rich ist scho\u0308n"))).isEqualTo(200);
    assertThat(house.lookUps).as("one pair, recalled").hasValueLessThanOrEqualTo(3);
  }

  @Test
  void whateverBytesComeTheAnswerIsNoFailure() {
    Random random = new Random(7617);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      PresentedBasic.parse(new String(bytes, StandardCharsets.ISO_8859_1));
      PresentedBasic.parse(Base64.getEncoder().encodeToString(bytes));
    }
  }

  // The challenge.

  @Test
  void theChallengeNamesRealmAndCharset() {
    Refusal refusal = refusal(request(List.of()));
    assertThat(refusal.reason()).isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(refusal.fields())
        .containsEntry("WWW-Authenticate", List.of("Basic realm=\"orders\", charset=\"UTF-8\""))
        .containsEntry("Cache-Control", List.of("no-store"));
    assertThatIllegalArgumentException().isThrownBy(() -> new BasicSettings("a\nb"));
    assertThatIllegalArgumentException().isThrownBy(() -> new BasicSettings("caf\u00e9"));
  }

  @Test
  void aSchemeThatOnlyBeginsLikeOursIsNotOurs() {
    assertThat(refusal(request(List.of("Basically " + base64("alice:" + PASSWORD)))).reason())
        .isEqualTo(Reason.METHOD_NOT_ACCEPTED);
    assertThat(refusal(request(List.of("Basic\t" + base64("alice:" + PASSWORD)))).reason())
        .isEqualTo(Reason.METHOD_NOT_ACCEPTED);
  }

  // What the gate remembers.

  @Test
  void aChangedPasswordIsRefusedAtOnceThoughThePairWasRecalled() {
    String old = basic("alice", PASSWORD);
    assertThat(status(old)).isEqualTo(200);
    assertThat(recalled(old)).isTrue();

    house.passwords.change(house.alice.id(), PASSWORD, OTHER, PasswordHouse.HERE);

    assertThat(recalled(old)).isFalse();
    assertThat(status(old)).isEqualTo(401);
    assertThat(status(basic("alice", OTHER))).isEqualTo(200);
  }

  @Test
  void disablingAndLostRolesHoldAtOnce() {
    String good = basic("alice", PASSWORD);
    assertThat(status(good)).isEqualTo(200);
    house.accounts.grant("alice", Set.of(), Scopes.of("orders:read"));
    assertThat(principal(good).scopes()).isEqualTo(Scopes.of("orders:read"));

    house.accounts.setDisabled("alice", true);
    assertThat(status(good)).isEqualTo(401);
    house.accounts.setDisabled("alice", false);
    assertThat(status(good)).isEqualTo(200);
  }

  @Test
  void anAcceptedPairIsRecalledForAMinuteAndARefusedOneNever() {
    String good = basic("alice", PASSWORD);
    String bad = basic("alice", "wrong");
    assertThat(recalled(good)).isFalse();
    assertThat(status(good)).isEqualTo(200);
    assertThat(status(bad)).isEqualTo(401);
    assertThat(recalled(good)).isTrue();
    assertThat(recalled(bad)).isFalse();
    assertThat(house.lookUps).hasValue(2);

    house.time.pass(Duration.ofMinutes(1));
    assertThat(recalled(good)).isFalse();
  }

  @Test
  void nameAndPasswordNeverRunTogetherInMemory() {
    Set<List<Byte>> keys = new HashSet<>();
    for (String pair : List.of("ab:c", "a:bc", "a:b:c", "a::bc", "abc:d", "ab:cd")) {
      byte[] bytes = PresentedBasic.parse(base64(pair)).orElseThrow().bytes();
      List<Byte> boxed = new java.util.ArrayList<>();
      for (byte b : bytes) {
        boxed.add(b);
      }
      assertThat(keys.add(boxed)).as(pair).isTrue();
    }
  }

  @Test
  void anImportedHashIsGoodAndStaysRecalledWhenItIsMadeAnew() {
    house.passwords.importHash(
        "alice", "$2y$05$TXb9OytuCW2AfzvljaIgp.wGMg7glumPleCu750RJsmmUHVIu7KUG");
    String good = basic("alice", PASSWORD);
    assertThat(status(good)).isEqualTo(200);
    assertThat(recalled(good)).isTrue();
  }

  // Refusals.

  @Test
  void noDocumentTellsWhoHasAnAccount() {
    house.accounts.add(Account.Kind.PERSON, "carol", null, Set.of(), Scopes.NONE);
    house.passwords.set("carol", PASSWORD);
    house.accounts.setDisabled("carol", true);

    Set<String> documents = new HashSet<>();
    for (String value :
        List.of(
            basic("alice", "wrong"),
            basic("nobody", PASSWORD),
            basic("bob", PASSWORD),
            basic("carol", PASSWORD))) {
      Refusal refusal = refusal(request(List.of(value)));
      documents.add(refusal.document().replace(refusal.id(), "ID") + refusal.fields());
    }
    assertThat(documents).hasSize(1);
    assertThat(documents.iterator().next()).contains("\"Invalid credentials\"");
  }

  @Test
  void aStoreThatIsDownIs503AndWhatIsRecalledGoesOn() {
    String good = basic("alice", PASSWORD);
    assertThat(status(good)).isEqualTo(200);
    house.down.set(true);
    assertThat(status(basic("alice", "wrong"))).isEqualTo(503);
    assertThat(status(basic("nobody", "wrong"))).isEqualTo(503);
    assertThat(status(good)).isEqualTo(200);
  }

  @Test
  void guessesAreThrottledAndTheOwnerElsewhereIsNot() {
    for (int i = 0; i < 10; i++) {
      assertThat(status(basic("alice", "guess" + i))).isEqualTo(401);
    }
    Refusal refusal = refusal(request(List.of(basic("alice", PASSWORD))));
    assertThat(refusal.status()).isEqualTo(429);
    assertThat(refusal.fields()).containsEntry("Retry-After", List.of("6"));
    assertThat(gate.admit(elsewhere(PASSWORD), POLICY)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void memoryTellsNoGuesserElsewhereWhichPasswordIsRight() {
    assertThat(status(basic("alice", PASSWORD))).isEqualTo(200);
    for (int i = 0; i < 10; i++) {
      gate.admit(elsewhere("guess" + i), POLICY);
    }

    assertThat(gate.recall(elsewhere(PASSWORD), POLICY)).isEmpty();
    assertThat(((Decision.Refused) gate.admit(elsewhere(PASSWORD), POLICY)).refusal().status())
        .isEqualTo(429);
    assertThat(((Decision.Refused) gate.admit(elsewhere("wrong"), POLICY)).refusal().status())
        .isEqualTo(429);
    assertThat(gate.recall(request(List.of(basic("alice", PASSWORD))), POLICY)).isPresent();
  }

  private static AuthRequest elsewhere(String password) {
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of("Authorization", List.of(basic("alice", password)))),
        Network.address("203.0.113.7"));
  }

  @Test
  void whoeverCanBeAddedCanSignInByEachDoorHoweverItIsTyped() {
    String widest = "\ud840\udc00"; // U+20000: four bytes
    String composed = "\u1f82"; // four characters when it is decomposed
    String password = widest.repeat(256);
    for (String letter : List.of(widest, composed)) {
      String email = letter.repeat(64) + "@" + letter.repeat(189);
      String name = "longest" + letter.codePointAt(0);
      assertThat(house.accounts.add(Account.Kind.PERSON, name, email, Set.of(), Scopes.NONE))
          .isInstanceOf(Accounts.Change.Done.class);
      assertThat(house.passwords.set(name, password)).isInstanceOf(Passwords.Change.Done.class);

      String decomposed = Normalizer.normalize(email, Normalizer.Form.NFD);
      for (String typed : List.of(email, decomposed)) {
        assertThat(house.passwords.verify(typed, password, PasswordHouse.HERE))
            .isInstanceOf(Passwords.Verification.Verified.class);
      }
      assertThat(status(basic(email, password))).isEqualTo(200);
    }
  }

  @Test
  void aPrincipalHasNoPlaceForAHash() {
    for (Class<?> type :
        List.of(
            Principal.class,
            Outcome.Accepted.class,
            RootCredential.class,
            Conditions.class,
            Decision.Proof.class)) {
      assertThat(type.getRecordComponents())
          .as("what can ride along, all told")
          .extracting(component -> type.getSimpleName() + "." + component.getName())
          .isSubsetOf(
              "Principal.subject",
              "Principal.method",
              "Principal.credential",
              "Principal.scopes",
              "Accepted.principal",
              "Accepted.conditions",
              "Accepted.root",
              "RootCredential.kind",
              "RootCredential.names",
              // Both of what the client sent, and neither of a password.
              "Accepted.bodyDigest",
              // Of a signature; a password has none.
              "Accepted.singleUse",
              "Conditions.certificate",
              "Conditions.expiresAt",
              "Conditions.networks",
              "Conditions.requestsPerMinute",
              "Conditions.violationReason",
              "Conditions.expiryReason",
              "Proof.accepted",
              "Proof.stamp");
    }
    assertThat(principal(basic("alice", PASSWORD)).credential()).matches("pw_[0-9A-Za-z]{22}");
  }

  @Test
  void nothingOfThePasswordRidesOnTheDecision() {
    String good = basic("alice", PASSWORD);
    String bad = basic("alice", "wrong and secret");
    String printed =
        gate.admit(request(List.of(good)), POLICY)
            + " "
            + gate.admit(request(List.of(bad)), POLICY)
            + " "
            + request(List.of(good))
            + " "
            + PresentedBasic.parse(base64("alice:" + PASSWORD))
            + " "
            + refusal(request(List.of(bad))).document();
    assertThat(printed)
        .contains(house.alice.id())
        .doesNotContain(PASSWORD)
        .doesNotContain("wrong and secret")
        .doesNotContain(good.substring(6))
        .doesNotContain("argon2");
  }

  private boolean recalled(String authorization) {
    return gate.recall(request(List.of(authorization)), POLICY)
        .filter(Decision.Admitted.class::isInstance)
        .isPresent();
  }

  private Principal principal(String authorization) {
    Decision decision = gate.admit(request(List.of(authorization)), POLICY);
    assertThat(decision).isInstanceOf(Decision.Admitted.class);
    return ((Decision.Admitted) decision).proofs().getFirst().accepted().principal();
  }

  private int status(String authorization) {
    return gate.admit(request(List.of(authorization)), POLICY) instanceof Decision.Refused refused
        ? refused.refusal().status()
        : 200;
  }

  private Refusal refusal(AuthRequest request) {
    return ((Decision.Refused) gate.admit(request, POLICY)).refusal();
  }

  private static AuthRequest request(List<String> authorization) {
    return new AuthRequest(
        "GET", "/", HeaderFields.of(Map.of("Authorization", authorization)), PasswordHouse.HERE);
  }

  private static String basic(String name, String password) {
    return "Basic " + base64(name + ":" + password);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  // What an unknown caller can make the gate do.

  @Test
  void pairWithTooManyMarksIsNotNormalizedNorLookedUp() {
    String marks = "\u0301\u0316".repeat(16);
    for (String pair : List.of("a" + marks + ":secret", "alice:a" + marks)) {
      assertThat(gate.recall(request(List.of(basicOf(pair))), POLICY)).isPresent();
    }
    assertThat(house.lookUps.get()).isZero();
    assertThat(status(basicOf("alice:a" + "\u0301\u0316".repeat(15)))).isEqualTo(401);
    assertThat(house.lookUps.get()).isOne();
  }

  @Test
  void dearPairCostsLittleMoreThanOneOfItsLength() {
    AuthRequest plain = request(List.of(basicOf("\u03a3" + "\u03b1".repeat(249) + ":secret")));
    for (String dear : List.of("\u03a3".repeat(250), "\u03a3.".repeat(125), "\uff21".repeat(250))) {
      AuthRequest request = request(List.of(basicOf(dear + ":secret")));
      Work.isBounded(dear, () -> gate.recall(request, POLICY), () -> gate.recall(plain, POLICY));
    }
  }

  private static String basicOf(String pair) {
    return "Basic " + base64(pair);
  }
}
