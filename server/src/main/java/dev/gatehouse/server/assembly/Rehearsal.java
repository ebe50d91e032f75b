package dev.gatehouse.server.assembly;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.folder.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A gate that starts as `serve` starts it, so that what would go wrong there goes wrong here.
///
/// It has an empty data folder of its own, which is deleted at its end, and listens on free ports
/// of loopback. So it does not tell whether the configured ports are free, whether the addresses
/// are of this machine, and whether the database of the real data folder can be used.
public record Rehearsal(Assembly gate, Path folder) implements AutoCloseable {

  /// Starts it; throws [StartupException] that says why `serve` can't start.
  public static Rehearsal of(GatehouseConfig config) {
    DataFolder.inspect(config.data(), System.getenv());
    Path folder;
    try {
      folder = Files.createTempDirectory("gatehouse-check");
    } catch (IOException failed) {
      throw new StartupException(
          "cannot make a temporary folder: " + StartupException.reason(failed), failed);
    }
    boolean started = false;
    try {
      Rehearsal rehearsal =
          new Rehearsal(Assembly.start(config.onAnyPortOfLoopback(folder.resolve("data"))), folder);
      started = true;
      return rehearsal;
    } finally {
      if (!started) {
        delete(folder);
      }
    }
  }

  @Override
  public void close() {
    gate.close();
    delete(folder);
  }

  private static void delete(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException failed) {
      throw new StartupException(
          "cannot delete " + folder + ": " + StartupException.reason(failed), failed);
    }
  }
}
