package dev.gatehouse.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FileDescriptorsTest {

  @Test
  void connectionsAreBoundedByTheFilesThatTheProcessMayOpen() {
    assertThat(new FileDescriptors(1_000_000, 456).affordable(10_000)).isEqualTo(10_000);
    assertThat(new FileDescriptors(1024, 456).affordable(10_000)).isEqualTo(568);
    assertThat(new FileDescriptors(100, 456).affordable(10_000)).isEqualTo(16);
    assertThat(new FileDescriptors(100, 456).affordable(8)).isEqualTo(8);
  }

  @Test
  void adviceSaysHowManyFilesAreNeeded() {
    assertThat(new FileDescriptors(1024, 456).advice(10_000))
        .contains("limits.connections is 10000")
        .contains("may open 1024 files")
        .contains("takes 568 connections")
        .contains("Allow it 10456 files");
  }

  @Test
  void systemSaysHowManyFilesThisProcessMayOpen() {
    assertThat(FileDescriptors.ofThisProcess(256).available()).isBetween(1L, Long.MAX_VALUE - 1);
  }
}
