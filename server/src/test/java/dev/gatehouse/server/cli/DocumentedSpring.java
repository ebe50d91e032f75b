package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// Code for Spring Security that a document shows, compiled and run as it stands there, with the
/// libraries of the module `testproviders`. Only the addresses in it are replaced.
final class DocumentedSpring implements AutoCloseable {

  private static final Path CLASS_PATH = Path.of("../testproviders/target/class-path");
  private static final Pattern SNIPPET =
      Pattern.compile("```java\\n(@Bean\\nJwtDecoder (\\w+)\\(\\) \\{\\n.*?)```", Pattern.DOTALL);

  private final URLClassLoader classes;

  /// @param page a document, which shows one method that makes a decoder
  /// @param keySet stands in place of the address of the key set
  /// @param replaced text of the document, and what stands in place of it
  DocumentedSpring(Path folder, Path page, URI keySet, String... replaced) throws IOException {
    Matcher snippet = SNIPPET.matcher(Files.readString(page));
    assertThat(snippet.find()).as("code for Spring in %s", page).isTrue();
    String code =
        snippet.group(1).replaceFirst("\"https://[^\"]*/jwks\\.json\"", "\"" + keySet + "\"");
    for (int i = 0; i < replaced.length; i += 2) {
      assertThat(code).contains('"' + replaced[i] + '"');
      code = code.replace('"' + replaced[i] + '"', '"' + replaced[i + 1] + '"');
    }
    assertThat(CLASS_PATH).as("made by: mvn -pl testproviders process-classes").isRegularFile();
    String libraries = Files.readString(CLASS_PATH).strip();
    Path source =
        Files.writeString(
            Files.createDirectories(folder).resolve("Documented.java"),
            """
      import org.springframework.context.annotation.Bean;
      import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
      import org.springframework.security.oauth2.jwt.*;

      public class Documented {
        %s
        public static String shown(String token) {
          return new Documented().%s().decode(token).getSubject();
        }

        public static String byDefault(String token) {
          return NimbusJwtDecoder.withJwkSetUri("%s")
              .jwsAlgorithm(SignatureAlgorithm.ES256).build().decode(token).getSubject();
        }
      }
      """
                .formatted(code, snippet.group(2), keySet));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(
            compiler.run(
                null, null, null, "-nowarn", "-proc:none", "-cp", libraries, source.toString()))
        .as(code)
        .isZero();
    List<URL> paths = new ArrayList<>(List.of(folder.toUri().toURL()));
    for (String library : libraries.split(java.io.File.pathSeparator, -1)) {
      paths.add(url(library));
    }
    classes = new URLClassLoader(paths.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String file) throws MalformedURLException {
    return Path.of(file).toUri().toURL();
  }

  /// The subject that the documented decoder reads of the token; throws what it throws.
  String decode(String token) throws Throwable {
    return call("shown", token);
  }

  /// The same of Spring's decoder with the same keys and nothing else changed.
  String decodeByDefault(String token) throws Throwable {
    return call("byDefault", token);
  }

  private String call(String method, String token) throws Throwable {
    try {
      return (String)
          classes.loadClass("Documented").getMethod(method, String.class).invoke(null, token);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  @Override
  public void close() throws IOException {
    classes.close();
  }
}
