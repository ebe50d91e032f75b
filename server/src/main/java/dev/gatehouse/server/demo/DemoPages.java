package dev.gatehouse.server.demo;

import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.gatehouse.server.signin.Pages;
import gg.jte.html.HtmlTemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import java.util.List;
import java.util.function.Consumer;

/// The pages of the demo's provider. They need no script and load one stylesheet.
final class DemoPages {

  // Other colours than the gate's, since the provider is another party.
  private static final String COLOURS =
      """
      :root { --accent: #4c43b3; --accent-strong: #393191; }
      @media (prefers-color-scheme: dark) {
        :root { --accent: #b6b0ff; --accent-strong: #d2ceff; --on-accent: #17124a; }
      }
      .people { display: grid; gap: 0.75rem; margin: 0 0 0.75rem; padding: 0; list-style: none; }
      .people small { display: block; font-weight: 400; }
      """;

  private final String gate;

  /// @param gate the origin to which the form's answer leads
  DemoPages(String gate) {
    this.gate = gate;
  }

  /// Asks who the person is. Its form posts `request` and `person`.
  HTTPResponse choose(String request) {
    return page(
        200,
        output -> JteChooseGenerated.render(output, null, request, List.of(DemoPerson.values())));
  }

  /// Says why the browser is not redirected.
  HTTPResponse refused(int status, String why) {
    return page(
        status, output -> JteSaidGenerated.render(output, null, "That did not work", why, null));
  }

  /// Describes the provider.
  HTTPResponse welcome() {
    return page(
        200,
        output ->
            JteSaidGenerated.render(
                output,
                null,
                "The demo’s provider",
                "It stands for somebody with whom people have an account, such as Google. The gate"
                    + " leads here when somebody signs in with it.",
                gate + "/auth/demo"));
  }

  /// The stylesheet of all pages.
  static HTTPResponse stylesheet() {
    return answer(200, "text/css; charset=utf-8", Pages.stylesheet() + COLOURS);
  }

  private HTTPResponse page(int status, Consumer<HtmlTemplateOutput> template) {
    StringOutput html = new StringOutput();
    template.accept(new OwaspHtmlTemplateOutput(html));
    HTTPResponse page = answer(status, "text/html; charset=utf-8", html.toString());
    page.setCacheControl("no-store");
    // Browsers apply form-action to redirects after a form, too.
    page.setHeader(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self' "
            + gate
            + "; frame-ancestors 'none'; base-uri 'none'");
    page.setHeader("Referrer-Policy", "strict-origin");
    page.setHeader("X-Frame-Options", "DENY");
    return page;
  }

  private static HTTPResponse answer(int status, String type, String body) {
    HTTPResponse answer = new HTTPResponse(status);
    answer.setHeader("Content-Type", type);
    answer.setHeader("X-Content-Type-Options", "nosniff");
    answer.setBody(body);
    return answer;
  }
}
