package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnreadablePasswordTest {

  private final PasswordHouse house = new PasswordHouse();

  @AfterEach
  void end() {
    house.close();
  }

  // A form, a JSON body and a pipe are decoded by whoever reads them, and that puts U+FFFD for each
  // byte that is no UTF-8.
  @Test
  void aPasswordOfBytesThatAreNoUtf8IsNeitherSetNorVerified() {
    String latin1 = decoded("tr\u00e8s longue phrase secr\u00e8te");
    String other = decoded("tr\u00e9s longue phrase secr\u00e9te");
    assertThat(latin1).as("what both have become").isEqualTo(other);

    assertThat(house.passwords.set("alice", latin1)).isInstanceOf(Passwords.Change.Refused.class);
    assertThat(house.passwords.verify("alice", other, PasswordHouse.HERE))
        .isInstanceOf(Passwords.Verification.Rejected.class);
    assertThat(house.passwords.verify("alice", PasswordHouse.PASSWORD, PasswordHouse.HERE))
        .isInstanceOf(Passwords.Verification.Verified.class);
  }

  private static String decoded(String text) {
    return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
