package dev.gatehouse.server.choose;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.signin.Page;
import dev.gatehouse.server.signin.Pages;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Serves the questions and the advice as a page, for the demo. It reads no store and does not
/// block.
public final class ChoosePath implements OwnPath {

  /// Where it lies.
  public static final String PATH = "/choose";

  private final Pages pages;

  /// @param realm by which people know the gate
  public ChoosePath(String realm) {
    this.pages = new Pages("", realm, ChoosePath.class, "choose.css");
  }

  @Override
  public void handle(Arrival arrival, RequestPath path) {
    String method = arrival.auth().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      arrival.http().response().putHeader("Allow", "GET, HEAD");
      Answers.refuse(
          arrival.http(),
          Refusal.of(
              arrival.auth(), Reason.METHOD_NOT_ALLOWED, "This path is read with GET", "no GET"));
      return;
    }
    Page page = render(filledIn(arrival.auth().query()));
    page.fields().forEach(arrival.http().response()::putHeader);
    Answers.end(arrival.http(), page.html());
  }

  /// The page for what was filled in.
  Page render(ChoosePage page) {
    return pages.page((output, frame) -> JteChooseGenerated.render(output, null, frame, page));
  }

  /// Reads the form's query. What no form of ours holds counts for nothing.
  static ChoosePage filledIn(String query) {
    Set<Caller> callers = EnumSet.noneOf(Caller.class);
    Set<Question> answers = EnumSet.noneOf(Question.class);
    @Nullable Language language = null;
    // WHATWG URL §5.1, application/x-www-form-urlencoded.
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
      switch (name) {
        case "caller" -> Caller.of(value).ifPresent(callers::add);
        case "language" -> language = Language.of(value).orElse(language);
        default -> {
          Optional<Question> question =
              Set.of(Question.values()).stream().filter(one -> one.id().equals(name)).findAny();
          question.filter(asked -> value.equals("yes")).ifPresent(answers::add);
        }
      }
    }
    Language shown = language == null ? Language.CURL : language;
    if (callers.isEmpty()) {
      boolean sent = language != null || !answers.isEmpty();
      return new ChoosePage(
          callers, answers, shown, sent ? "Say who calls: one of them at least." : null, null);
    }
    return new ChoosePage(
        callers,
        answers,
        shown,
        null,
        DecisionTree.advise(
            new Needs(
                callers,
                answers.contains(Question.PERSON),
                answers.contains(Question.INSTANT_REVOCATION),
                answers.contains(Question.STATELESS))));
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException broken) {
      return "";
    }
  }
}
