package dev.gatehouse.oauth;

import static dev.gatehouse.oauth.PeopleHouse.gitHub;
import static dev.gatehouse.oauth.PeopleHouse.identity;
import static dev.gatehouse.oauth.PeopleHouse.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowListTest {

  private static AllowList emails(String... emails) {
    return new AllowList(false, Set.of(emails), Set.of(), Set.of(), false);
  }

  private static AllowList domains(String... domains) {
    return new AllowList(false, Set.of(), Set.of(domains), Set.of(), false);
  }

  private static AllowList organisations(String... organisations) {
    return new AllowList(false, Set.of(), Set.of(), Set.of(organisations), false);
  }

  @Test
  void anyoneIsLetInWhereAnyoneIsAndNobodyWhereNobodyIs() {
    assertThat(PeopleHouse.ANYONE.admits(identity("7"))).isTrue();
    assertThat(AllowList.NOBODY.admits(verified("7", "a@example.com"))).isFalse();
  }

  @Test
  void addressIsLetInWhateverItsCaseWhenItIsVerified() {
    AllowList allow = emails("Alice@Example.com");

    assertThat(allow.admits(verified("7", "aliCe@example.COM"))).isTrue();
    assertThat(allow.admits(identity("7", "alice@example.com", false))).isFalse();
    assertThat(allow.admits(verified("7", "bob@example.com"))).isFalse();
    assertThat(allow.admits(verified("7", "alice@example.com.evil.example"))).isFalse();
  }

  @Test
  void domainIsExactlyThatWhateverItsCaseAndTheAddressIsVerified() {
    AllowList allow = domains("Example.com");

    assertThat(allow.admits(verified("7", "a@example.com"))).isTrue();
    assertThat(allow.admits(verified("7", "a@EXAMPLE.Com"))).isTrue();
    assertThat(allow.admits(identity("7", "a@example.com", false))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@evilexample.com",
        "a@sub.example.com",
        "a@example.com.evil.example",
        "a@b@example.com",
        "a@evil.example@example.com",
        "\"a@evil.example\"@example.com",
        "a@evil.example,b@example.com",
        "a@evil.example b@example.com",
        "a@evil.example\n@example.com",
        "a＠evil.example@example.com",
        "a@example.com.",
        "a@.example.com",
        "a@example..com",
        "a@example。com",
        "a@exаmple.com", // a Cyrillic а
        "a@ｅxample.com",
        "a@example.com\u0000",
        "a@example.com\u00ad",
        "example.com",
        "@example.com",
      })
  void whatOnlyLooksLikeTheDomainIsNot(String email) {
    assertThat(domains("example.com").admits(verified("7", email))).isFalse();
  }

  @Test
  void internationalDomainIsOneHoweverItIsWritten() {
    for (String configured : List.of("bücher.example", "xn--bcher-kva.example")) {
      AllowList allow = domains(configured);
      assertThat(allow.admits(verified("7", "a@bücher.example"))).as(configured).isTrue();
      assertThat(allow.admits(verified("7", "a@XN--bcher-kva.example"))).as(configured).isTrue();
      assertThat(allow.admits(verified("7", "a@bucher.example"))).as(configured).isFalse();
    }
  }

  @Test
  void domainThatTheOldMappingMakesAnotherIsNotThat() {
    // RFC 5891 knows these as two domains, with two owners; RFC 3490 made one of them.
    assertThat(domains("strasse.example").admits(verified("7", "a@straße.example"))).isFalse();
    assertThat(domains("k.example").admits(verified("7", "a@\u212a.example"))).isFalse();
    assertThatThrownBy(() -> domains("straße.example"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("straße.example");
  }

  @Test
  void organisationsAreToldApartWithoutRegardToCase() {
    AllowList allow = organisations("Acme", "other");

    assertThat(allow.admits(gitHub("1", "a", List.of("first", "ACME")))).isTrue();
    assertThat(allow.admits(gitHub("1", "a", List.of("acme-evil", "ac")))).isFalse();
    assertThat(allow.admits(gitHub("1", "acme", List.of()))).isFalse();
  }

  @Test
  void whatCannotBeMeantIsRefusedByItsName() {
    for (String domain :
        List.of("", "@example.com", "a@example.com", "*.example.com", "example.com.", "a b")) {
      assertThatThrownBy(() -> domains(domain))
          .as(domain)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + domain + "' is no domain");
    }
    for (String email : List.of("", "example.com", "a@b@c", "Ａ@example.com")) {
      assertThatThrownBy(() -> emails(email))
          .as(email)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + email + "' is no e-mail address");
    }
    assertThatThrownBy(() -> emails("*@example.com"))
        .hasMessage(
            "'*@example.com' is no e-mail address: a '*' stands for nothing here; for all addresses"
                + " of a domain, write the domain in 'emailDomains'");
    assertThatThrownBy(() -> organisations("*")).hasMessageStartingWith("'*' is no organisation");
    assertThatThrownBy(() -> organisations(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("organisation");
  }
}
