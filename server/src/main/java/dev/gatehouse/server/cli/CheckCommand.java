package dev.gatehouse.server.cli;

import picocli.CommandLine.Command;

@Command(name = "check")
final class CheckCommand implements Runnable {
  CheckCommand() {}

  @Override
  public void run() {}
}
