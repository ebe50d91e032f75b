package dev.gatehouse.server.wire;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A client that sends exactly what it is told to.
public final class RawClient implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /// Connects to a port of this machine; with TLS and that protocol where a trust is given.
  public RawClient(int port, @Nullable SSLContext trust, String protocol) {
    try {
      if (trust == null) {
        socket = new Socket("localhost", port);
      } else {
        SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket("localhost", port);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        socket = tls;
      }
      socket.setSoTimeout(PATIENCE_MILLIS);
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// Sends the text, byte for character; `\n` is not made into anything else.
  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Sends the bytes.
  public RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /// Reads one answer.
  public RawMessage read() throws IOException {
    return read(false);
  }

  /// Reads one answer; to a HEAD request it has no body.
  public RawMessage read(boolean toHead) throws IOException {
    String head = RawMessage.readHead(in);
    RawMessage bare = new RawMessage(head, "");
    int status = bare.status();
    return RawMessage.readBody(head, in, toHead || status < 200 || status == 204 || status == 304);
  }

  /// Sends a request and reads its answer.
  public RawMessage ask(String request) throws IOException {
    send(request);
    return read();
  }

  /// Reads until the other side ends.
  public String readToEnd() throws IOException {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (java.net.SocketException reset) {
      return "";
    }
  }

  /// Whether the other side ends the connection, without sending another byte.
  public boolean isClosedByPeer() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /// Says that nothing more is sent.
  public void endInput() throws IOException {
    socket.shutdownOutput();
  }

  /// What comes.
  public InputStream in() {
    return in;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
