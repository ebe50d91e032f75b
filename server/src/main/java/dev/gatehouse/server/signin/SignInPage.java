package dev.gatehouse.server.signin;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Asks who it is and for the password.
///
/// @param identifier the e-mail address or user name that was typed already; empty at first
/// @param notice a sentence about what went well before, if any
/// @param problem a sentence about why the last attempt failed, if one did
/// @param returnTarget where to go afterwards; comes back unchanged as `return`, and is as little
///   to be trusted then as now
/// @param providers other ways to sign in
public record SignInPage(
    String identifier,
    @Nullable String notice,
    @Nullable String problem,
    @Nullable String returnTarget,
    List<Provider> providers) {

  /// Keeps a copy of the list.
  public SignInPage {
    providers = List.copyOf(providers);
  }

  /// Somebody else who proves people.
  ///
  /// @param name as people know it
  /// @param href a path on this origin that leads there
  public record Provider(String name, String href) {

    // A browser takes // or /\ for the start of a host, also with a tab between
    // (WHATWG URL, relative slash state).
    private static final Pattern OWN_PATH = Pattern.compile("/(?!/)[!-~&&[^\\\\]]*");

    /// Throws [IllegalArgumentException] where the path may lead to another origin.
    public Provider {
      if (!OWN_PATH.matcher(href).matches()) {
        throw new IllegalArgumentException("a provider's href is a path on this origin");
      }
    }
  }
}
