package dev.gatehouse.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The attributes of a file by which a change is noticed: its size and its time of modification,
/// and on Unix also its inode and its time of the last status change (ctime). On Unix, writing,
/// replacing or making a file readable always changes them.
record FileState(Map<String, Object> attributes) {

  /// Reads the attributes of a file; throws [IOException] if they can't be read.
  static FileState at(Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    String seen = unix ? "unix:lastModifiedTime,size,ctime,ino" : "lastModifiedTime,size";
    return new FileState(Map.copyOf(Files.readAttributes(file, seen)));
  }
}
