package dev.gatehouse.server.cli;

import picocli.CommandLine.Command;

@Command(name = "serve")
final class ServeCommand implements Runnable {
  ServeCommand() {}

  @Override
  public void run() {}
}
