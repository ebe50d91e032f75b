package dev.gatehouse.server.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.server.StartupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

  @TempDir Path temp;

  @Test
  void aNewFolderIsItsOwnersAlone() throws IOException {
    try (DataFolder folder = DataFolder.open(temp.resolve("a/b"))) {
      assertThat(mode(folder.path())).isEqualTo("rwx------");
      assertThat(mode(folder.file("gate.lock"))).isEqualTo("rw-------");
    }
  }

  @Test
  void anEmptyFolderIsClosedToOthers() throws IOException {
    Path made = Files.createDirectory(temp.resolve("open"));
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (DataFolder folder = DataFolder.open(made)) {
      assertThat(mode(folder.path())).isEqualTo("rwx------");
    }
  }

  @Test
  void anOpenFolderOfOtherFilesIsRefusedAndLeftAsItIs() throws IOException {
    Path made = Files.createDirectory(temp.resolve("home"));
    Files.writeString(made.resolve("letter.txt"), "x");
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertRefused(() -> DataFolder.open(made), "holds other files", "chmod 700 " + made);
    assertThat(mode(made)).isEqualTo("rwxr-xr-x");
  }

  @Test
  void aFileIsNoDataFolder() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertRefused(() -> DataFolder.open(file), file + " is a file");
    assertRefused(() -> DataFolder.open(file.resolve("under")), "cannot make data folder");
  }

  @Test
  void aPlaceWhereNothingCanBeMadeIsNamed() {
    assertRefused(() -> DataFolder.open(Path.of("/proc/gatehouse")), "cannot make data folder");
  }

  @Test
  void theSameProcessHoldsAFolderOnceAndAFailedSecondAttemptLosesNothing() throws Exception {
    Path path = temp.resolve("data");
    try (DataFolder folder = DataFolder.open(path)) {
      long pid = ProcessHandle.current().pid();
      assertRefused(() -> DataFolder.open(path), "in use by another gate (pid " + pid + ")");
      try (Holder other = new Holder(path)) {
        assertThat(other.answer).contains("in use by another gate (pid " + pid + ")");
      }
      assertThat(folder.path()).isEqualTo(path.toRealPath());
    }
    DataFolder.open(path).close();
  }

  @Test
  void aKilledGateLeavesTheFolderFree() throws Exception {
    Path path = temp.resolve("data");
    Holder other = new Holder(path);
    assertThat(other.answer).isEqualTo("held");
    assertRefused(() -> DataFolder.open(path), "(pid " + other.process.pid() + ")");
    other.close();
    DataFolder.open(path).close();
  }

  @Test
  void thePrivateFileIsReplacedWholeAndLeavesNoPart() throws IOException {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      folder.writePrivate("demo.json", "a longer first text");
      folder.writePrivate("demo.json", "second");
      assertThat(folder.readPrivate("demo.json")).contains("second");
      assertThat(mode(folder.file("demo.json"))).isEqualTo("rw-------");
      try (var files = Files.list(folder.path())) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder("demo.json", "gate.lock");
      }
    }
  }

  @Test
  void aFileThatCannotBeWrittenIsNamedWithoutItsContent() throws IOException {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      Files.createDirectories(folder.file("busy/inside"));
      assertThatThrownBy(() -> folder.writePrivate("busy", "s3cret"))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("busy")
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void theMasterKeyIsMadeOnceAndKept() throws IOException {
    byte[] first;
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      first = folder.masterKey(Map.of());
      assertThat(first).hasSize(32);
      assertThat(mode(folder.file("master.key"))).isEqualTo("rw-------");
    }
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      Files.createFile(folder.file("gatehouse.db"));
      assertThat(folder.masterKey(Map.of())).isEqualTo(first);
    }
  }

  @Test
  void theMasterKeyOfTheEnvironmentIsUsedAndNotWritten() {
    byte[] key = new byte[32];
    key[0] = 7;
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      String text = Base64.getEncoder().encodeToString(key);
      assertThat(folder.masterKey(Map.of("GATEHOUSE_MASTER_KEY", text))).isEqualTo(key);
      assertThat(folder.file("master.key")).doesNotExist();
    }
  }

  @Test
  void twoMasterKeysThatDifferAreRefused() {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      byte[] kept = folder.masterKey(Map.of());
      String same = Base64.getEncoder().encodeToString(kept);
      assertThat(folder.masterKey(Map.of("GATEHOUSE_MASTER_KEY", same))).isEqualTo(kept);
      String other = Base64.getEncoder().encodeToString(new byte[32]);
      assertRefused(() -> folder.masterKey(Map.of("GATEHOUSE_MASTER_KEY", other)), "differ");
    }
  }

  @Test
  void aLostMasterKeyIsNotReplacedBesideADatabase() throws IOException {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      Files.createFile(folder.file("gatehouse.db"));
      assertRefused(() -> folder.masterKey(Map.of()), "is missing", "GATEHOUSE_MASTER_KEY");
      assertThat(folder.file("master.key")).doesNotExist();
    }
  }

  @Test
  void aMasterKeyOpenToOthersIsRefusedWithTheCommandThatHelps() throws IOException {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      folder.masterKey(Map.of());
      Path file = folder.file("master.key");
      for (String mode : new String[] {"rw-r-----", "rw----r--", "rw--w----"}) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertRefused(() -> folder.masterKey(Map.of()), "chmod 600 " + file);
      }
    }
  }

  @Test
  void aMalformedMasterKeyIsRefusedAndNotShown() {
    try (DataFolder folder = DataFolder.open(temp.resolve("data"))) {
      assertRefused(() -> folder.masterKey(Map.of("GATEHOUSE_MASTER_KEY", "AAAA")), "3 bytes");
      assertThatThrownBy(() -> folder.masterKey(Map.of("GATEHOUSE_MASTER_KEY", "pass~word")))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("no base64")
          .hasMessageNotContaining("~")
          .hasNoCause();
      folder.writePrivate("master.key", "AAAA\n");
      assertRefused(() -> folder.masterKey(Map.of()), "master.key holds 3 bytes");
    }
  }

  private static void assertRefused(Runnable attempt, String... parts) {
    assertThatThrownBy(attempt::run)
        .isInstanceOf(StartupException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /// Another process that tries to hold the folder until it is killed.
  static final class Holder implements AutoCloseable {

    final Process process;
    final String answer;

    Holder(Path folder) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Holder.class.getName(),
                  folder.toString())
              .redirectErrorStream(true)
              .start();
      BufferedReader output = process.inputReader();
      answer = String.valueOf(output.readLine());
    }

    public static void main(String[] args) throws InterruptedException {
      try {
        DataFolder.open(Path.of(args[0]));
        System.out.println("held");
        Thread.currentThread().join();
      } catch (StartupException e) {
        System.out.println(e.getMessage());
      }
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
