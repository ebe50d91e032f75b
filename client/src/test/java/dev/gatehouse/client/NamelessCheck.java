package dev.gatehouse.client;

import java.net.URI;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

/// A program that calls a server and says what came of it, to be run with properties of the JDK
/// that are read once.
final class NamelessCheck {

  private NamelessCheck() {}

  public static void main(String... arguments) throws Exception {
    try (GatehouseClient client =
        GatehouseClient.at(URI.create(arguments[0])).trusting(Path.of(arguments[1])).build()) {
      System.out.print(
          client.send(client.request("/").build(), BodyHandlers.ofString()).statusCode());
    } catch (javax.net.ssl.SSLHandshakeException refused) {
      System.out.print("refused");
    }
  }
}
