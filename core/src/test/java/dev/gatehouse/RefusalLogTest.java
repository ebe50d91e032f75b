package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalLogTest {

  private static final InetAddress HERE = Network.address("192.0.2.1");
  private static final InetAddress ELSEWHERE = Network.address("198.51.100.1");

  private final Time time = new Time();
  private final RefusalLog log = new RefusalLog(time.ticker());
  private final Logger audit = (Logger) LoggerFactory.getLogger("dev.gatehouse.audit");
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  @BeforeEach
  void listen() {
    appender.start();
    audit.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    audit.detachAppender(appender);
  }

  private int logged(int times, Reason reason, InetAddress peer, @Nullable String credential) {
    int logged = 0;
    for (int i = 0; i < times; i++) {
      logged += log.add(Refusal.of(reason, "detail", "cause"), peer, credential, "GET /") ? 1 : 0;
    }
    return logged;
  }

  private List<String> summaries() {
    return appender.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> !line.startsWith("refused "))
        .toList();
  }

  @Test
  void oneAddressGetsAFifthOfTheLinesAndEveryLineIsWritten() {
    assertThat(logged(1_000, Reason.NOT_FOUND, HERE, null)).isEqualTo(120);
    assertThat(appender.list)
        .hasSize(120)
        .allSatisfy(line -> assertThat(line.getFormattedMessage()).startsWith("refused id=r_"));

    assertThat(logged(1, Reason.NOT_FOUND, ELSEWHERE, null)).isEqualTo(1);
  }

  @Test
  void manySubnetsOfOneSiteGetFewLinesAndManySitesNoMoreThanTheTotal() {
    int ofOneSite = 0;
    int ofAll = 0;
    for (int i = 0; i < 1_000; i++) {
      ofOneSite +=
          logged(
              1,
              Reason.NOT_FOUND,
              Network.address("2001:db8:1:" + Integer.toHexString(i) + "::1"),
              null);
    }
    for (int i = 0; i < 1_000; i++) {
      ofAll +=
          logged(
              1,
              Reason.NOT_FOUND,
              Network.address("2001:db8:" + Integer.toHexString(i) + "::1"),
              null);
    }

    assertThat(ofOneSite).isEqualTo(480);
    assertThat(ofOneSite + ofAll).isEqualTo(RefusalLog.DEFAULT_LINES_PER_MINUTE);
  }

  @Test
  void floodOfUnknownCallersTakesNoLineFromKnownOnes() {
    for (int i = 0; i < 1_000; i++) {
      logged(1, Reason.NOT_FOUND, Network.address("10.0." + i / 256 + "." + i % 256), null);
    }

    assertThat(logged(100, Reason.INSUFFICIENT_SCOPE, HERE, "k_1")).isEqualTo(100);
  }

  @Test
  void credentialGetsAShareAndAllOfThemTogetherTheTotal() {
    assertThat(logged(1_000, Reason.INSUFFICIENT_SCOPE, HERE, "k_1")).isEqualTo(600);
    int others = 0;
    for (int i = 2; i < 12; i++) {
      others += logged(600, Reason.INSUFFICIENT_SCOPE, HERE, "k_" + i);
    }
    assertThat(others).isEqualTo(5 * 600 - 600);
  }

  @Test
  void refusalsWithoutALineAreCountedByTheirCodesAddressesAndCredentials() {
    logged(125, Reason.NOT_FOUND, HERE, null);
    logged(3, Reason.NO_CREDENTIALS, HERE, null);
    logged(602, Reason.INSUFFICIENT_SCOPE, ELSEWHERE, "k_1");
    assertThat(summaries()).isEmpty();

    time.pass(RefusalLog.SUMMARY_INTERVAL);
    log.summarise();
    log.summarise();

    assertThat(summaries())
        .containsExactly(
            "refusals without a line of their own: 10 addresses=2 credentials=1"
                + " codes=NO_CREDENTIALS:3,INSUFFICIENT_SCOPE:2,NOT_FOUND:5");
  }

  @Test
  void summaryComesWithTheNextRefusalAfterTheIntervalWhereNothingElseAsksForIt() {
    logged(121, Reason.NOT_FOUND, HERE, null);
    time.pass(RefusalLog.SUMMARY_INTERVAL.minusNanos(1));
    logged(1, Reason.NOT_FOUND, ELSEWHERE, null);
    assertThat(summaries()).isEmpty();

    time.pass(Duration.ofNanos(1));
    logged(1, Reason.NOT_FOUND, ELSEWHERE, null);

    assertThat(summaries()).singleElement().asString().contains("of their own: 1 addresses=1 ");
  }

  @Test
  void summaryTellsABoundedNumberOfCallersApart() {
    log.limit(5);
    for (int i = 0; i < 2_000; i++) {
      logged(1, Reason.NOT_FOUND, Network.address("10.0." + i / 256 + "." + i % 256), null);
    }

    log.summarise();

    assertThat(summaries()).singleElement().asString().contains("1995 addresses=1000+ ");
  }

  @Test
  void linesComeBackWithTime() {
    logged(1_000, Reason.NOT_FOUND, HERE, null);
    time.pass(Duration.ofMinutes(1));

    assertThat(logged(1_000, Reason.NOT_FOUND, HERE, null)).isEqualTo(120);
  }

  @Test
  void rateOfNothingIsRefused() {
    assertThatThrownBy(() -> log.limit(4)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void floodDrivesNoRefusalThatWasLoggedOutOfMemory() {
    RecentRefusals refusals = new RecentRefusals(1_000, 1_000, 1_000);
    refusals.add(entry("r_logged"), true);
    for (int i = 0; i < 100; i++) {
      refusals.add(entry("r_" + i), false);
    }

    assertThat(refusals.find("r_logged")).isPresent();
    assertThat(refusals.find("r_99")).isPresent();
    assertThat(refusals.find("r_0")).isEmpty();
  }

  private RecentRefusals.Entry entry(String id) {
    return new RecentRefusals.Entry(
        id, time.now(), Reason.NOT_FOUND, "detail", "cause", "192.0.2.1", "GET /", null);
  }
}
