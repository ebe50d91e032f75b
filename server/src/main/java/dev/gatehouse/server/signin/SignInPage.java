package dev.gatehouse.server.signin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Asks for a sign-in name and a password.
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

  /// A provider that signs people in.
  ///
  /// @param name as people know it
  /// @param href a path on this origin that leads there
  public record Provider(String name, String href) {

    /// Throws [IllegalArgumentException] where the path may lead to another origin.
    public Provider {
      PageLink.requireOwnPath(href);
    }

    /// The letters on its button in place of a logo, since each provider has rules for the use of
    /// its logo. There are two letters, since GitHub and Google begin with the same one.
    public String letters() {
      return name.codePoints()
          .filter(Character::isLetterOrDigit)
          .limit(2)
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
          .toString();
    }
  }
}
