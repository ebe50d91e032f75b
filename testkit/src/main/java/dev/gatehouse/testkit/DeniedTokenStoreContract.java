package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.oauth.DeniedToken;
import dev.gatehouse.oauth.DeniedTokenStore;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The contract suite of [DeniedTokenStore]. Tests which tokens a denial refuses, that a new denial
/// adds a feed row, and when denials end.
public abstract class DeniedTokenStoreContract extends StoreContract {

  private static final String ISSUER = "https://id.example";

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected DeniedTokenStoreContract() {}

  private DeniedTokenStore denied() {
    return stores().deniedTokens();
  }

  private static DeniedToken ofSubject(String id, String subject, @Nullable Instant until) {
    return new DeniedToken(id, ISSUER, subject, null, "note " + id, START, until);
  }

  private static DeniedToken ofToken(String id, String tokenId) {
    return new DeniedToken(id, ISSUER, null, tokenId, "", START, null);
  }

  @Test
  void whatIsDeniedIsFoundAsItWasWritten() {
    DeniedToken subject = ofSubject("dny_1", "mallory", START.plusSeconds(60));
    DeniedToken token = ofToken("dny_2", "t-1");
    denied().add(subject);
    denied().add(token);

    assertThat(denied().denying(ISSUER, "mallory", "t-9", START)).contains(subject);
    assertThat(denied().denying(ISSUER, "mallory", null, START)).contains(subject);
    assertThat(denied().denying(ISSUER, "alice", "t-1", START)).contains(token);
  }

  @Test
  void nothingElseIsDenied() {
    denied().add(ofSubject("dny_1", "mallory", null));
    denied().add(ofToken("dny_2", "t-1"));

    assertThat(denied().denying(ISSUER, "Mallory", "t-2", START)).isEmpty();
    assertThat(denied().denying(ISSUER, "t-1", "mallory", START)).isEmpty();
    assertThat(denied().denying("https://id.example/other", "mallory", "t-1", START)).isEmpty();
    assertThat(denied().denying(ISSUER, "alice", null, START)).isEmpty();
  }

  @Test
  void denialEndsAtItsInstant() {
    denied().add(ofSubject("dny_1", "mallory", START.plusMillis(5)));

    assertThat(denied().denying(ISSUER, "mallory", null, START.plusMillis(4))).isPresent();
    assertThat(denied().denying(ISSUER, "mallory", null, START.plusMillis(5))).isEmpty();
  }

  @Test
  void denialThatEndedHidesNoOther() {
    denied().add(ofSubject("dny_1", "mallory", START));
    denied().add(ofSubject("dny_2", "mallory", null));

    assertThat(denied().denying(ISSUER, "mallory", null, START.plusSeconds(1)))
        .map(DeniedToken::id)
        .contains("dny_2");
  }

  @Test
  void denialIsHeardByItsIdAndItsRemovalNeedsNotBe() {
    denied().add(ofSubject("dny_1", "mallory", null));
    assertThat(heard).hasSize(1);
    assertThat(heard.getFirst().kind()).isEqualTo(FeedEntry.Kind.CREDENTIAL);
    assertThat(heard.getFirst().name()).isEqualTo("dny_1");
    assertThat(stores().feed().after(0, 10)).isEqualTo(heard);

    assertThat(denied().remove("dny_1")).isTrue();
    assertThat(denied().remove("dny_1")).isFalse();
    assertThat(denied().denying(ISSUER, "mallory", null, START)).isEmpty();
  }

  @Test
  void idIsTakenOnceAndNothingIsHeardOfTheSecond() {
    denied().add(ofSubject("dny_1", "mallory", null));
    DeniedToken again = ofToken("dny_1", "t-1");

    assertThatThrownBy(() -> denied().add(again)).isInstanceOf(IllegalArgumentException.class);
    assertThat(heard).hasSize(1);
    assertThat(denied().denying(ISSUER, "alice", "t-1", START)).isEmpty();
  }

  @Test
  void listGoesPageByPage() {
    for (int i = 1; i <= 5; i++) {
      denied().add(ofSubject("dny_" + i, "s" + i, null));
    }

    List<DeniedToken> first = denied().list(null, 3);
    assertThat(first).extracting(DeniedToken::id).containsExactly("dny_1", "dny_2", "dny_3");
    assertThat(denied().list("dny_3", 3))
        .extracting(DeniedToken::id)
        .containsExactly("dny_4", "dny_5");
  }

  @Test
  void purgeRemovesWhatEndedAndNothingElse() {
    denied().add(ofSubject("dny_1", "a", START));
    denied().add(ofSubject("dny_2", "b", START.plusMillis(1)));
    denied().add(ofSubject("dny_3", "c", null));

    denied().purge(START);

    assertThat(denied().list(null, 10))
        .extracting(DeniedToken::id)
        .containsExactly("dny_2", "dny_3");
  }
}
