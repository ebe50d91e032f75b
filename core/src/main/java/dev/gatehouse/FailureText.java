package dev.gatehouse;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// What may be said of a failure in a line of the log, in the record of a refusal, or to an
/// administrator.
///
/// Parsers of libraries quote what they read in the messages of their exceptions, and that may be a
/// secret. So only these messages are told: those of the gate's own exceptions, and those in which
/// the JDK says why a connection failed. Of any other failure the name of its class is told.
public final class FailureText {

  private static final String OWN_PACKAGES = "dev.gatehouse.";

  // These classes themselves. Their subclasses may quote what came: Netty's
  // NotSslRecordException does, in hex.
  private static final Set<Class<?>> OF_CONNECTIONS =
      Set.of(IOException.class, SSLException.class, SSLHandshakeException.class);

  private FailureText() {}

  /// The message where it may be told, otherwise the simple name of the class. Fit for a log.
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
