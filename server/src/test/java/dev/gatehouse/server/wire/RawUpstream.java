package dev.gatehouse.server.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// An upstream that records what came over the wire, and answers as it is told.
public final class RawUpstream implements AutoCloseable {

  /// What to do once a head was read. Returns whether the connection stays open.
  @FunctionalInterface
  public interface Script {
    /// Reads the rest of the request, and answers.
    boolean serve(String head, InputStream in, OutputStream out) throws IOException;
  }

  private static final Script ECHO =
      (head, in, out) -> {
        RawMessage message = RawMessage.readBody(head, in, false);
        String body = "got " + message.body().length();
        if (head.startsWith("HEAD ")) {
          write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n");
        } else {
          answer(out, "200 OK", "", body);
        }
        return true;
      };

  private final ServerSocket server;
  private final BlockingQueue<RawMessage> received = new LinkedBlockingQueue<>();
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final boolean tls;
  private volatile Script script = ECHO;

  /// Listens, with TLS where a context is given.
  public RawUpstream(@Nullable SSLContext serve) {
    try {
      tls = serve != null;
      InetAddress loopback = InetAddress.getByName("localhost");
      server =
          serve == null
              ? new ServerSocket(0, 50, loopback)
              : serve.getServerSocketFactory().createServerSocket(0, 50, loopback);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /// Its address.
  public URI base() {
    return URI.create((tls ? "https" : "http") + "://localhost:" + server.getLocalPort());
  }

  /// Answers so from now on.
  public void serve(Script next) {
    script = next;
  }

  /// Answers with 200 and how many bytes the body had.
  public void echo() {
    script = ECHO;
  }

  /// The next request that came; waits for it.
  public RawMessage next() throws InterruptedException {
    RawMessage message = received.poll(20, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no request reached the upstream");
    }
    return message;
  }

  /// How many requests came at all.
  public int requests() {
    return requests.get();
  }

  /// How many connections were opened.
  public int connections() {
    return connections.get();
  }

  /// How many connections are open now.
  public long openConnections() {
    return open.stream().filter(socket -> !socket.isClosed()).count();
  }

  /// Forgets what came.
  public void forget() {
    received.clear();
    requests.set(0);
    connections.set(0);
  }

  /// Writes an answer with a length.
  public static void answer(OutputStream out, String status, String fields, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    write(
        out,
        "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + bytes.length + "\r\n\r\n");
    out.write(bytes);
    out.flush();
  }

  /// Writes text as it is.
  public static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> converse(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean more = true;
      while (more) {
        String head = RawMessage.readHead(in);
        requests.incrementAndGet();
        received.add(new RawMessage(head, ""));
        more = script.serve(head, in, out);
      }
    } catch (IOException ended) {
      // the gate closed its connection
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
