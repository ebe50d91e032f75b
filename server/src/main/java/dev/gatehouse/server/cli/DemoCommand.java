package dev.gatehouse.server.cli;

import picocli.CommandLine.Command;

@Command(name = "demo")
final class DemoCommand implements Runnable {
  DemoCommand() {}

  @Override
  public void run() {}
}
