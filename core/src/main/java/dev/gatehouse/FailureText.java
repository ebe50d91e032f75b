package dev.gatehouse;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// Selects the text of an exception that may be logged, recorded with a refusal, or shown to an
/// administrator.
///
/// Libraries often quote the text that they parse in the messages of their exceptions, and that
/// text may be a secret. So only two kinds of messages are used: those of the gate's own
/// exceptions, and those with which the JDK says why a connection failed. For any other exception,
/// the name of its class is used. Does not block; thread-safe.
public final class FailureText {

  private static final String OWN_PACKAGES = "dev.gatehouse.";

  // Exactly these classes. Their subclasses may quote what was received: Netty's
  // NotSslRecordException does, in hex.
  private static final Set<Class<?>> OF_CONNECTIONS =
      Set.of(IOException.class, SSLException.class, SSLHandshakeException.class);

  private FailureText() {}

  /// Returns the message if it may be shown, otherwise the simple name of the class. The text can
  /// be logged.
  public static String of(Throwable failure) {
    String name = failure.getClass().getSimpleName();
    String message = mayBeTold(failure) ? failure.getMessage() : null;
    return AuthRequest.visible(message == null || message.isBlank() ? name : message);
  }

  private static boolean mayBeTold(Throwable failure) {
    return failure.getClass().getName().startsWith(OWN_PACKAGES)
        || OF_CONNECTIONS.contains(failure.getClass())
        || failure instanceof SocketException
        || failure instanceof SocketTimeoutException
        || failure instanceof UnknownHostException;
  }
}
