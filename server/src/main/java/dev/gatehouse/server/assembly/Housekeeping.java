package dev.gatehouse.server.assembly;

import dev.gatehouse.RefusalLog;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.server.config.RetentionConfig;
import dev.gatehouse.signing.SigningKeys;
import java.time.Clock;
import java.time.Duration;

/// What is done again and again while the process runs. Each round asks which configuration is in
/// force.
final class Housekeeping {

  private static final Duration USAGE_WRITE_INTERVAL = Duration.ofSeconds(60);
  private static final Duration USAGE_PURGE_INTERVAL = Duration.ofHours(1);
  private static final Duration ENDED_CREDENTIALS_PURGE_INTERVAL = Duration.ofHours(1);

  // Sooner than a new key signs, by more than the five minutes for which its set may be cached.
  private static final Duration SIGNING_KEY_REFRESH_INTERVAL = Duration.ofMinutes(4);
  private static final Duration FEED_PURGE_INTERVAL = Duration.ofHours(1);
  private static final Duration FEED_RETENTION = Duration.ofDays(1);
  private static final Duration PURGE_INTERVAL = Duration.ofMinutes(10);
  private static final Duration REPLAY_PURGE_INTERVAL = Duration.ofSeconds(10);

  // Longer than a clock that is corrected usually goes back: else what is signed then would lie
  // before the record's horizon.
  private static final Duration REPLAY_RETENTION = Duration.ofMinutes(1);
  private static final Duration CLIENT_TRUST_CHECK_INTERVAL = Duration.ofMinutes(1);

  private final LastingParts lasting;
  private final Clock clock;
  private final Current current;

  Housekeeping(LastingParts lasting) {
    this.lasting = lasting;
    this.clock = lasting.clock;
    this.current = lasting.current;
  }

  /// Begins. When it ends, no chore is under way any more, and the last uses are written.
  Housekeeper begin(Opened opened) {
    opened.add(lasting.usageWriter::write);
    RefusalLog refusals = RefusalLog.ofThisProcess();
    opened.add(refusals::summarise);
    Housekeeper housekeeper = opened.add(new Housekeeper());
    housekeeper.every(RefusalLog.SUMMARY_INTERVAL, refusals::summarise);
    housekeeper.every(USAGE_WRITE_INTERVAL, lasting.usageWriter::write);
    // At once, too: a gate that is started often must not keep everything for ever.
    housekeeper.atOnceAndEvery(USAGE_PURGE_INTERVAL, this::purgeUsage);
    housekeeper.atOnceAndEvery(ENDED_CREDENTIALS_PURGE_INTERVAL, this::purgeEnded);
    for (SigningKeys keys : lasting.signingKeys()) {
      housekeeper.every(SIGNING_KEY_REFRESH_INTERVAL, keys::refresh);
    }
    housekeeper.atOnceAndEvery(FEED_PURGE_INTERVAL, this::purgeFeed);
    housekeeper.atOnceAndEvery(PURGE_INTERVAL, () -> current.get().purge());
    housekeeper.atOnceAndEvery(REPLAY_PURGE_INTERVAL, this::purgeReplays);
    housekeeper.every(CLIENT_TRUST_CHECK_INTERVAL, lasting.clientTrust.reloader()::look);
    return housekeeper;
  }

  private void purgeUsage() {
    RetentionConfig retention = current.get().config().retention();
    lasting.database.usage().purge(clock.instant().minus(retention.uses()), retention.useRows());
  }

  private void purgeEnded() {
    RetentionConfig retention = current.get().config().retention();
    current
        .get()
        .methods()
        .purgeEnded(
            new EndedRetention(
                clock.instant(), retention.endedCredentials(), retention.endedCredentialRows()));
  }

  private void purgeFeed() {
    lasting.database.feed().purgeBefore(clock.instant().minus(FEED_RETENTION));
  }

  private void purgeReplays() {
    lasting.replayStore.purge(
        clock.instant().minus(REPLAY_RETENTION),
        lasting.untimedEventTime.now().minus(REPLAY_RETENTION));
  }
}
