package dev.gatehouse.server.signin;

import gg.jte.html.HtmlTemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Renders the pages. All values are escaped. No page has a script or loads anything. Thread-safe;
/// does not block.
public final class Pages {

  private final Frame frame;
  private final Map<String, String> fields;

  /// Pages whose forms go to paths under that prefix.
  ///
  /// @param prefix empty, or a path that does not end with a slash
  /// @param realm by which people know what they sign in to
  public Pages(String prefix, String realm) {
    this(prefix, realm, stylesheet());
  }

  /// The same for the pages of another package, with a stylesheet in addition to the usual one.
  ///
  /// @param owner a class in the package that contains the stylesheet
  /// @param more the name of the additional stylesheet
  public Pages(String prefix, String realm, Class<?> owner, String more) {
    this(prefix, realm, stylesheet() + stylesheet(owner, more));
  }

  private Pages(String prefix, String realm, String stylesheet) {
    this.frame = new Frame(prefix, realm, stylesheet);
    this.fields = fields(stylesheet);
  }

  /// Who is it? Its form posts `email`, `password` and, if given, `return` to `/login`.
  public Page signIn(SignInPage page) {
    return render(output -> JteSignInGenerated.render(output, null, frame, page));
  }

  /// The person is signed in. Its form posts to `/logout`.
  public Page signedIn(SignedInPage page) {
    return render(output -> JteSignedInGenerated.render(output, null, frame, page));
  }

  /// Its form posts `currentPassword` and `newPassword` to `/password`.
  public Page changePassword(ChangePasswordPage page) {
    return render(output -> JteChangePasswordGenerated.render(output, null, frame, page));
  }

  /// Its form posts `token` and `newPassword` to `/password/reset`.
  public Page resetPassword(ResetPasswordPage page) {
    return render(output -> JteResetPasswordGenerated.render(output, null, frame, page));
  }

  /// What is the person's, and can be ended. Its forms post `id` to `/account/end`, and nothing to
  /// `/logout`, to `/account/sign-out`, and to where a provider is linked.
  public Page account(AccountPage page) {
    return render(output -> JteAccountGenerated.render(output, null, frame, page));
  }

  /// Its form posts `id` to `/account/end`.
  public Page confirm(ConfirmPage page) {
    return render(output -> JteConfirmGenerated.render(output, null, frame, page));
  }

  /// How does an invited person want to come in? It has links only.
  public Page invited(InvitedPage page) {
    return render(output -> JteInvitedGenerated.render(output, null, frame, page));
  }

  /// Says why it did not work.
  public Page refused(RefusedPage page) {
    return render(output -> JteRefusedGenerated.render(output, null, frame, page));
  }

  /// Leads to a provider, without a script.
  public Page leaving(LeavingPage page) {
    return render(output -> JteLeavingGenerated.render(output, null, frame, page));
  }

  /// Says something, and asks for nothing.
  public Page message(Message message) {
    return render(output -> JteMessageGenerated.render(output, null, frame, message));
  }

  /// A page of another package, in the same frame.
  public Page page(BiConsumer<HtmlTemplateOutput, Frame> template) {
    return render(output -> template.accept(output, frame));
  }

  private Page render(Consumer<HtmlTemplateOutput> template) {
    StringOutput html = new StringOutput();
    template.accept(new OwaspHtmlTemplateOutput(html));
    return new Page(html.toString(), fields);
  }

  private static Map<String, String> fields(String stylesheet) {
    return Map.of(
        "Content-Type", "text/html; charset=utf-8",
        "Cache-Control", "no-store",
        "Content-Security-Policy",
            "default-src 'none'; style-src 'sha256-"
                + sha256(stylesheet)
                + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Cross-Origin-Opener-Policy", "same-origin",
        // Never the path, which may hold a token. Under no-referrer a browser sends `Origin: null`
        // with our own forms (WHATWG Fetch, append a request `Origin` header), which is no proof
        // of being ours.
        "Referrer-Policy", "strict-origin",
        "X-Content-Type-Options", "nosniff",
        "X-Frame-Options", "DENY");
  }

  // CSP3, hash-source: the Base64 of the digest of the element's text, in UTF-8.
  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }

  /// How all of them look.
  public static String stylesheet() {
    return stylesheet(Pages.class, "pages.css");
  }

  private static String stylesheet(Class<?> owner, String name) {
    try (InputStream stylesheet =
        Objects.requireNonNull(owner.getResourceAsStream(name), name + " is not in the jar")) {
      return new String(stylesheet.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("a stylesheet in the jar", unreadable);
    }
  }
}
