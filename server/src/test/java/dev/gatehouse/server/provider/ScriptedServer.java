package dev.gatehouse.server.provider;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/// A server on loopback that does with each connection whatever a test says.
final class ScriptedServer implements AutoCloseable {

  /// What it does with a connection on which a request's header has come.
  interface Script {
    void play(Socket connection) throws IOException, InterruptedException;
  }

  private final ServerSocket listening;
  private final Script script;
  private final boolean tls;
  private final AtomicInteger connections = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private ScriptedServer(ServerSocket listening, boolean tls, Script script) {
    this.listening = listening;
    this.tls = tls;
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  static ScriptedServer plain(Script script) throws IOException {
    return new ScriptedServer(
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), false, script);
  }

  static ScriptedServer tls(SSLContext context, Script script) throws IOException {
    return new ScriptedServer(
        context
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        true,
        script);
  }

  /// Answers everything with that.
  static Script answering(String answer) {
    return connection -> write(connection, answer);
  }

  static void write(Socket connection, String text) throws IOException {
    OutputStream out = connection.getOutputStream();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  int port() {
    return listening.getLocalPort();
  }

  URI uri(String host, String path) {
    return URI.create((tls ? "https://" : "http://") + host + ":" + port() + path);
  }

  URI uri(String path) {
    return uri("127.0.0.1", path);
  }

  /// How many connections were made to it.
  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listening.accept();
        connections.incrementAndGet();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException closed) {
      // the end of the test
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      if (readHeader(connection)) {
        script.play(connection);
      }
    } catch (IOException | InterruptedException gone) {
      // whoever asked went away: what the test is about
    } finally {
      open.remove(connection);
    }
  }

  private static boolean readHeader(Socket connection) throws IOException {
    int ends = 0;
    while (ends < 4) {
      int next = connection.getInputStream().read();
      if (next < 0) {
        return false;
      }
      ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket connection : open) {
      connection.close();
    }
  }
}
