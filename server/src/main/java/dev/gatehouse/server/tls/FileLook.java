package dev.gatehouse.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a file looks like from outside. When a file is written, replaced, or made readable, its
/// look changes, also when its size and its time of modification stay the same: the inode and the
/// time of its last change of status tell (on systems that have them).
///
/// @param change the time of the last change of status (ctime); null where there is none
/// @param inode the number of the inode; null where there is none
record FileLook(FileTime modified, long bytes, @Nullable Object change, @Nullable Object inode) {

  /// Looks at a file; throws [IOException] when it can't be looked at.
  static FileLook at(Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    Map<String, Object> seen =
        Files.readAttributes(file, unix ? "unix:lastModifiedTime,size,ctime,ino" : "*");
    return new FileLook(
        (FileTime) seen.get("lastModifiedTime"),
        (Long) seen.get("size"),
        seen.get("ctime"),
        seen.get("ino"));
  }
}
