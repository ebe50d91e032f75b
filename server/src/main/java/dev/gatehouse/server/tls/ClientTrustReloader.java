package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CurrentClientTrust;
import dev.gatehouse.server.StartupException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the client CAs and their lists again when their files change, or when it is asked to.
///
/// If a file can't be used, that is logged, and what was read before stays in force, except for a
/// CA that was taken out of its file: it loses trust at once. Thread-safe; every call may block.
public final class ClientTrustReloader {

  private static final Logger LOG = LoggerFactory.getLogger(ClientTrustReloader.class);

  private final ClientTrustFiles files;
  private final List<ClientCa> own;
  private final CurrentClientTrust trust;
  private final Clock clock;
  private Runnable changed = () -> {};
  private List<String> refusingAll = List.of();

  /// Reads the files for the first time. Throws [StartupException], whose message says which file
  /// can't be used and why.
  public ClientTrustReloader(ClientTrustFiles files, List<ClientCa> own, Clock clock) {
    this.files = files;
    this.own = List.copyOf(own);
    this.clock = clock;
    try {
      this.trust = new CurrentClientTrust(files.read(own));
    } catch (UnusableFileException unusable) {
      throw new StartupException(line(unusable), unusable);
    }
    say(trust.current());
  }

  /// The CAs and lists in force.
  public CurrentClientTrust trust() {
    return trust;
  }

  /// Sets the listener that is called when other CAs are trusted.
  public synchronized void onChange(Runnable listener) {
    changed = listener;
  }

  /// Reads the files if one of them has changed. Logs each list that has begun to refuse every
  /// certificate of its CA.
  public synchronized void look() {
    sayRefusingAll(trust.current());
    if (files.changed()) {
      try {
        read();
      } catch (UnusableFileException alreadyLogged) {
        LOG.trace("The files are read again at the next look", alreadyLogged);
      }
    }
  }

  /// Reads the files now. Throws [IllegalArgumentException], whose message says which file can't be
  /// used and why.
  public synchronized void reload() {
    try {
      read();
    } catch (UnusableFileException unusable) {
      throw new IllegalArgumentException(line(unusable), unusable);
    }
  }

  private void read() throws UnusableFileException {
    dropCasTakenOut();
    ClientTrust next;
    try {
      next = files.read(own);
    } catch (UnusableFileException unusable) {
      LOG.warn("{}; what was read before stays in force", line(unusable));
      throw unusable;
    }
    trust.replace(next, clock.instant());
    say(next);
    LOG.info("Client CAs and lists of revoked certificates were read again: {}", next);
    changed.run();
  }

  // Another file that can't be used, or that is slow to read, must not keep a CA in force that an
  // operator took out.
  private void dropCasTakenOut() {
    ClientTrust before = trust.current();
    Set<String> named = files.caIds();
    own.forEach(ca -> named.add(ca.id()));
    ClientTrust left = before.restrictedTo(named);
    if (left.cas().size() < before.cas().size()) {
      trust.replace(left, clock.instant());
      List<ClientCa> dropped = new ArrayList<>(before.cas());
      dropped.removeAll(left.cas());
      LOG.warn("No file holds these client CAs any more, and they are not trusted: {}", dropped);
      changed.run();
    }
  }

  private void say(ClientTrust read) {
    read.warnings().forEach(LOG::warn);
    files.notes().forEach(LOG::warn);
    refusingAll = List.of();
    sayRefusingAll(read);
  }

  private void sayRefusingAll(ClientTrust read) {
    List<String> now = read.listsNotInForce(clock.instant());
    now.stream().filter(line -> !refusingAll.contains(line)).forEach(LOG::warn);
    refusingAll = now;
  }

  private static String line(UnusableFileException unusable) {
    Path file = unusable.file();
    return file + " " + unusable.getMessage();
  }
}
