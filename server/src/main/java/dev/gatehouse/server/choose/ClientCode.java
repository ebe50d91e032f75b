package dev.gatehouse.server.choose;

import dev.gatehouse.Method;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// A complete program that calls an API by one method. Secrets come from the environment. A test
/// runs each program against a gate.
///
/// @param file its name
/// @param text what stands in it
public record ClientCode(Method method, Language language, String file, String text) {

  /// How a client comes to trust the development certificate, which no other CA vouches for.
  public static final String TRUST =
      "With the development certificate, name its CA in the environment: CURL_CA_BUNDLE=ca.crt for"
          + " curl, NODE_EXTRA_CA_CERTS=ca.crt for Node, SSL_CERT_FILE=ca.crt for Python and Go. Java"
          + " takes a store: keytool -importcert -noprompt -alias gate -file ca.crt -keystore ca.p12"
          + " -storepass changeit, then JDK_JAVA_OPTIONS='-Djavax.net.ssl.trustStore=ca.p12"
          + " -Djavax.net.ssl.trustStorePassword=changeit'";

  /// The program for that method in that language.
  public static ClientCode of(Method method, Language language) {
    return read(method, language, method.id());
  }

  /// The program in that language that sends an event as a vendor of webhooks does.
  public static ClientCode ofWebhook(Language language) {
    return read(Method.HMAC, language, "webhook");
  }

  private static ClientCode read(Method method, Language language, String name) {
    String file = name + "-client." + language.extension();
    try (InputStream in = ClientCode.class.getResourceAsStream("snippets/" + file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar");
      }
      return new ClientCode(
          method, language, file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(file + " in the jar", unreadable);
    }
  }
}
