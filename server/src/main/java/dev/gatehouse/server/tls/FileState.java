package dev.gatehouse.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// What a file looks like from outside: its size and the time of its modification. Unix tells also
/// the number of its inode, and the time of its last change of status (ctime). So when a file is
/// written, replaced or made readable there, its look changes in any case.
record FileState(Map<String, Object> attributes) {

  /// Looks at a file; throws [IOException] when it can't be looked at.
  static FileState at(Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    String seen = unix ? "unix:lastModifiedTime,size,ctime,ino" : "lastModifiedTime,size";
    return new FileState(Map.copyOf(Files.readAttributes(file, seen)));
  }
}
