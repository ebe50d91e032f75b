package dev.gatehouse.server.folder;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder with the database, the keys and the certificates of one gate. A lock prevents its use
/// by a second process until it is closed or the process ends.
///
/// Only its owner can enter it (0700), so the files that libraries write there are private, too.
public final class DataFolder implements AutoCloseable {

  /// The variable that may hold the master key, in place of the file.
  public static final String MASTER_KEY_VARIABLE = "GATEHOUSE_MASTER_KEY";

  private static final String MASTER_KEY_FILE = "master.key";
  private static final String LOCK_FILE = "gate.lock";
  private static final int MASTER_KEY_BYTES = 32;
  private static final int MAX_LOCK_ATTEMPTS = 5;
  private static final Duration LOCK_RETRY_INTERVAL = Duration.ofMillis(20);

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /// Folders held by this process. POSIX locks belong to the process and end when any descriptor of
  /// the file is closed, so a second attempt must fail before it opens the file.
  private static final Set<Path> LOCKED_BY_THIS_PROCESS = new HashSet<>();

  private final Path path;
  private final FileChannel lockFile;

  private DataFolder(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /// Makes the folder if need be, and takes its lock.
  ///
  /// Throws [StartupException] when it cannot be made, entered or written, when others could read
  /// it, or when another gate holds it.
  public static DataFolder open(Path folder) {
    Path made = make(folder);
    synchronized (LOCKED_BY_THIS_PROCESS) {
      if (!LOCKED_BY_THIS_PROCESS.add(made)) {
        throw inUse(folder, ProcessHandle.current().pid() + "");
      }
    }
    boolean held = false;
    try {
      DataFolder opened = new DataFolder(made, lock(folder, made.resolve(LOCK_FILE)));
      held = true;
      return opened;
    } finally {
      if (!held) {
        release(made);
      }
    }
  }

  /// Throws the [StartupException] that [#open] or [#masterKey] would throw, as far as that can be
  /// seen without making, changing or locking anything. Does not ask whether a gate holds the
  /// folder.
  public static void inspect(Path folder, Map<String, String> environment) {
    if (!Files.exists(folder)) {
      refuseBelowFile(folder);
      Path parent = existingParent(folder);
      if (parent == null || !Files.isWritable(parent)) {
        throw new StartupException(
            "cannot make data folder " + folder + ": nothing can be made in " + parent);
      }
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw isFile(folder);
    }
    try {
      requireOursOrClosed(folder);
    } catch (IOException | UnsupportedOperationException e) {
      throw new StartupException(
          "cannot read data folder " + folder + ": " + StartupException.reason(e), e);
    }
    keyThere(folder, environment);
  }

  /// Whether a gate holds that folder now, in this process or in another one.
  ///
  /// Throws [StartupException] if that can't be found out.
  public static boolean isHeld(Path folder) {
    try {
      synchronized (LOCKED_BY_THIS_PROCESS) {
        if (LOCKED_BY_THIS_PROCESS.contains(folder.toRealPath())) {
          return true;
        }
        try (FileChannel file =
            FileChannel.open(folder.resolve(LOCK_FILE), StandardOpenOption.READ)) {
          return file.tryLock(0, Long.MAX_VALUE, true) == null;
        }
      }
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new StartupException(
          "cannot read data folder " + folder + ": " + StartupException.reason(e), e);
    }
  }

  /// The folder's real, absolute path.
  public Path path() {
    return path;
  }

  /// The path of a file in it.
  public Path file(String name) {
    return path.resolve(name);
  }

  /// Writes or replaces a small file that only the owner may read (0600): whole or not at all.
  ///
  /// Throws [StartupException] that names the file, never its content.
  public void writePrivate(String name, String text) {
    AtomicFile.writePrivate(file(name), text);
  }

  /// The text of such a file; empty when it is not there.
  ///
  /// Throws [StartupException] when it is open to others or cannot be read.
  public Optional<String> readPrivate(String name) {
    return AtomicFile.readPrivate(file(name));
  }

  /// The 32 bytes under which secrets are sealed at rest: from [#MASTER_KEY_VARIABLE], else from
  /// `master.key`, which is made when the folder holds no database yet.
  ///
  /// Throws [StartupException] when a key is malformed or open to others, when the two differ, or
  /// when it is missing although a database is there: a new key could read none of its secrets.
  public byte[] masterKey(Map<String, String> environment) {
    return keyThere(path, environment).orElseGet(this::newKey);
  }

  private static Optional<byte[]> keyThere(Path folder, Map<String, String> environment) {
    Optional<byte[]> given =
        Optional.ofNullable(environment.get(MASTER_KEY_VARIABLE))
            .map(text -> decoded(text, MASTER_KEY_VARIABLE));
    Path file = folder.resolve(MASTER_KEY_FILE);
    Optional<byte[]> kept =
        AtomicFile.readPrivate(file).map(text -> decoded(text, file.toString()));
    if (given.isPresent()
        && kept.isPresent()
        && !java.security.MessageDigest.isEqual(given.get(), kept.get())) {
      throw new StartupException(
          MASTER_KEY_VARIABLE + " and " + file + " differ: keep the one that sealed the data");
    }
    Optional<byte[]> key = given.or(() -> kept);
    if (key.isEmpty() && holdsDatabase(folder)) {
      throw new StartupException(
          file
              + " is missing, and the database beside it is sealed under it: restore it, or set "
              + MASTER_KEY_VARIABLE);
    }
    return key;
  }

  private byte[] newKey() {
    byte[] key = new byte[MASTER_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    AtomicFile.writePrivate(file(MASTER_KEY_FILE), Base64.getEncoder().encodeToString(key) + "\n");
    return key;
  }

  private static boolean holdsDatabase(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().matches(".*\\.(db|sqlite3?)"));
    } catch (IOException e) {
      throw new StartupException("cannot list " + folder + ": " + StartupException.reason(e), e);
    }
  }

  private static byte[] decoded(String text, String where) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text.strip());
    } catch (IllegalArgumentException e) {
      // The message is not passed on, because it quotes a character of the key.
      throw new StartupException(where + " is no base64 text: it should hold 32 random bytes");
    }
    if (key.length != MASTER_KEY_BYTES) {
      throw new StartupException(
          where + " holds " + key.length + " bytes: a master key is 32 random bytes, in base64");
    }
    return key;
  }

  /// Releases the lock. The content of the folder stays.
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      // The kernel releases the lock with the descriptor, whatever close() reports.
    } finally {
      release(path);
    }
  }

  private static void release(Path path) {
    synchronized (LOCKED_BY_THIS_PROCESS) {
      LOCKED_BY_THIS_PROCESS.remove(path);
    }
  }

  private static Path make(Path folder) {
    refuseBelowFile(folder);
    try {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      try {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) {
          throw isFile(folder);
        }
        closeToOthers(folder);
      }
      return folder.toRealPath();
    } catch (IOException | UnsupportedOperationException e) {
      throw new StartupException(
          "cannot make data folder " + folder + ": " + StartupException.reason(e), e);
    }
  }

  // The message of the file system names only some of the paths, and differs between systems.
  private static void refuseBelowFile(Path folder) {
    Path parent = existingParent(folder);
    if (parent != null && !Files.isDirectory(parent)) {
      throw new StartupException(
          "cannot make data folder " + folder + ": " + parent + " is a file");
    }
  }

  private static @Nullable Path existingParent(Path folder) {
    Path parent = folder.toAbsolutePath().getParent();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    return parent;
  }

  private static StartupException isFile(Path folder) {
    return new StartupException("data folder " + folder + " is a file");
  }

  /// Removes the permissions of other users from a folder that is empty or belonged to a gate
  /// before. The permissions of any other folder are not changed.
  private static void closeToOthers(Path folder) throws IOException {
    requireOursOrClosed(folder);
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    if (OWNER_ONLY.containsAll(permissions)) {
      return;
    }
    Set<PosixFilePermission> closed = EnumSet.copyOf(OWNER_ONLY);
    closed.retainAll(permissions);
    Files.setPosixFilePermissions(folder, closed);
  }

  private static void requireOursOrClosed(Path folder) throws IOException {
    if (OWNER_ONLY.containsAll(Files.getPosixFilePermissions(folder))) {
      return;
    }
    boolean ours = Files.exists(folder.resolve(LOCK_FILE));
    if (!ours) {
      try (Stream<Path> files = Files.list(folder)) {
        ours = files.findAny().isEmpty();
      }
    }
    if (!ours) {
      throw new StartupException(
          "data folder "
              + folder
              + " holds other files and is open to others: name a new folder, or run chmod 700 "
              + folder);
    }
  }

  private static FileChannel lock(Path folder, Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      boolean locked = false;
      try {
        FileLock lock = channel.tryLock();
        for (int attempt = 1; lock == null && attempt < MAX_LOCK_ATTEMPTS; attempt++) {
          LockSupport.parkNanos(LOCK_RETRY_INTERVAL.toNanos()); // isHeld() may be asking just now
          lock = channel.tryLock();
        }
        if (lock == null) {
          throw inUse(folder, holder(channel));
        }
        channel.truncate(0);
        String pid = ProcessHandle.current().pid() + "\n";
        channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
        locked = true;
        return channel;
      } finally {
        if (!locked) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw new StartupException(
          "cannot write in data folder " + folder + ": " + StartupException.reason(e), e);
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? pid : "unknown";
  }

  private static StartupException inUse(Path folder, String pid) {
    return new StartupException(
        "data folder " + folder + " is in use by another gate (pid " + pid + ")");
  }

  @Override
  public String toString() {
    return "DataFolder[" + path + "]";
  }
}
