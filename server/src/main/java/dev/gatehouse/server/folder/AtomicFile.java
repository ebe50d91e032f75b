package dev.gatehouse.server.folder;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Writes and reads small text files atomically: a reader never sees a part of a file, also after a
/// crash. A file with a secret is never readable by other users. Thread-safe; every call blocks.
public final class AtomicFile {

  /// Longer files are not read: the gate writes only small ones.
  static final int MAX_BYTES = 1 << 20;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> READABLE_BY_ALL =
      PosixFilePermissions.fromString("rw-r--r--");

  private AtomicFile() {}

  /// Writes or replaces a file that only its owner may read (0600), durably.
  ///
  /// Throws [StartupException] that names the file, never its content.
  public static void writePrivate(Path file, String text) {
    write(file, text, OWNER_ONLY);
  }

  /// Writes or replaces a file that everybody may read (0644), durably.
  ///
  /// Throws [StartupException] that names the file.
  public static void writePublic(Path file, String text) {
    write(file, text, READABLE_BY_ALL);
  }

  /// The text of a file that only its owner may read; empty when there is no such file.
  ///
  /// Throws [StartupException] when others may read or write it, or it cannot be read.
  public static Optional<String> readPrivate(Path file) {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (!OWNER_ONLY.containsAll(withoutExecute(Files.getPosixFilePermissions(file)))) {
        throw new StartupException(
            file + " holds a secret and is open to others: run chmod 600 " + file);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new StartupException(file + " is too long to be a file of the gate");
      }
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      throw new StartupException("cannot read " + file + ": " + StartupException.reason(e), e);
    }
  }

  private static Set<PosixFilePermission> withoutExecute(Set<PosixFilePermission> permissions) {
    return permissions.stream()
        .filter(permission -> permission != PosixFilePermission.OWNER_EXECUTE)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }

  private static void write(Path file, String text, Set<PosixFilePermission> permissions) {
    Path part = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              part,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(permissions))) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        // The umask may have removed permissions that the file is meant to have.
        Files.setPosixFilePermissions(part, permissions);
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      forceFolder(file);
    } catch (IOException | UnsupportedOperationException e) {
      deleteQuietly(part);
      throw new StartupException("cannot write " + file + ": " + StartupException.reason(e), e);
    }
  }

  /// The new name is in the folder, so it survives a power failure only after the folder is synced.
  private static void forceFolder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException leftBehind) {
      // A hidden partial file does no harm. The reported reason is why the write failed.
    }
  }
}
