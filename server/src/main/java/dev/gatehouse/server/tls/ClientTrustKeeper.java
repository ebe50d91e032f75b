package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CurrentTrust;
import dev.gatehouse.server.StartupException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the client CAs and their lists again when their files change, or when it is asked to. What
/// can't be used is logged, and what was read before stays. Thread-safe; every call may block.
public final class ClientTrustKeeper {

  private static final Logger LOG = LoggerFactory.getLogger(ClientTrustKeeper.class);

  private final ClientTrustFiles files;
  private final List<ClientCa> own;
  private final CurrentTrust trust;
  private final Clock clock;
  private Runnable changed = () -> {};
  private List<String> refusingAll = List.of();

  /// Reads them for the first time; throws [StartupException] that says why it can't.
  public ClientTrustKeeper(ClientTrustFiles files, List<ClientCa> own, Clock clock) {
    this.files = files;
    this.own = List.copyOf(own);
    this.clock = clock;
    try {
      this.trust = new CurrentTrust(files.read(own));
    } catch (ClientTrustFiles.Unusable unusable) {
      throw new StartupException(line(unusable), unusable);
    }
    say(trust.trust());
  }

  /// What is trusted now.
  public CurrentTrust trust() {
    return trust;
  }

  /// Calls that, from now on, when other CAs are trusted.
  public synchronized void onChange(Runnable listener) {
    changed = listener;
  }

  /// Reads the files if one of them looks otherwise. Logs each list that came to refuse every
  /// certificate of its CA.
  public synchronized void look() {
    sayRefusingAll(trust.trust());
    try {
      if (files.changed()) {
        read();
      }
    } catch (ClientTrustFiles.Unusable unusable) {
      LOG.warn("{}; what was read before is used on", line(unusable));
    }
  }

  /// Reads the files now; throws [IllegalArgumentException] that says why they can't be used: what
  /// was read before stays.
  public synchronized void reload() {
    try {
      read();
    } catch (ClientTrustFiles.Unusable unusable) {
      LOG.warn("{}; what was read before is used on", line(unusable));
      throw new IllegalArgumentException(line(unusable), unusable);
    }
  }

  private void read() throws ClientTrustFiles.Unusable {
    ClientTrust next = files.read(own);
    trust.replace(next, clock.instant());
    say(next);
    LOG.info("Client CAs and lists of revoked certificates were read again: {}", next);
    changed.run();
  }

  private void say(ClientTrust read) {
    read.notes().forEach(LOG::warn);
    refusingAll = List.of();
    sayRefusingAll(read);
  }

  private void sayRefusingAll(ClientTrust read) {
    List<String> now = read.refusingAll(clock.instant());
    now.stream().filter(line -> !refusingAll.contains(line)).forEach(LOG::warn);
    refusingAll = now;
  }

  private static String line(ClientTrustFiles.Unusable unusable) {
    Path file = unusable.file();
    return file + " " + unusable.getMessage();
  }
}
