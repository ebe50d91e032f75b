package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.MalformedInputException;
import java.text.ParseException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import org.junit.jupiter.api.Test;

class FailureTextTest {

  @Test
  void ownMessagesAndThoseOfConnectionsAreTold() {
    assertThat(FailureText.of(new StoreUnavailableException("nothing changed", null)))
        .isEqualTo("nothing changed");
    assertThat(FailureText.of(new ConnectException("Connection refused")))
        .isEqualTo("Connection refused");
    assertThat(FailureText.of(new IOException("Connection reset by peer")))
        .isEqualTo("Connection reset by peer");
    assertThat(FailureText.of(new IOException())).isEqualTo("IOException");
  }

  @Test
  void messagesThatMayQuoteWhatWasReadAreNotTold() {
    assertThat(FailureText.of(new ParseException("Invalid JSON: SECRET", 0)))
        .isEqualTo("ParseException");
    assertThat(FailureText.of(new IllegalArgumentException("a header name: SECRET")))
        .isEqualTo("IllegalArgumentException");
    assertThat(FailureText.of(new SSLException("not a record", new IOException("SECRET"))))
        .isEqualTo("not a record");
    assertThat(FailureText.of(new SSLKeyException("not a record: SECRET")))
        .isEqualTo("SSLKeyException");
    assertThat(FailureText.of(new MalformedInputException(7))).isEqualTo("MalformedInputException");
  }
}
