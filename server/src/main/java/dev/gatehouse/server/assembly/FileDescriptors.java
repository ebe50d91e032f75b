package dev.gatehouse.server.assembly;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What the system lets this process have open, compared with what the configuration allows.
///
/// When a process has no descriptor left, it can accept no connection, open no file of its database
/// and reach no upstream. So the limit of connections must be reached first.
///
/// @param available to the process
/// @param kept for everything but clients: upstreams, the database, the class path, the log
record FileDescriptors(long available, long kept) {

  private static final int KEPT_BESIDE_UPSTREAMS = 200;

  // Few enough for any process, and enough to look at the gate's health.
  private static final int MIN_CONNECTIONS = 16;

  /// Those of this process, which will open so many connections to upstreams.
  static FileDescriptors ofThisProcess(long upstreamConnections) {
    long available =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    return new FileDescriptors(available, upstreamConnections + KEPT_BESIDE_UPSTREAMS);
  }

  /// How many of the configured connections from clients there may be at once.
  int affordable(int connections) {
    return (int) Math.min(connections, Math.max(MIN_CONNECTIONS, available - kept));
  }

  /// What to tell the operator where not all are affordable.
  String advice(int connections) {
    return "limits.connections is "
        + connections
        + ", but this process may open "
        + available
        + " files only, of which "
        + kept
        + " are kept for upstreams and the database: it takes "
        + affordable(connections)
        + " connections at once. Allow it "
        + (connections + kept)
        + " files (ulimit -n, or LimitNOFILE of systemd), or lower limits.connections";
  }
}
