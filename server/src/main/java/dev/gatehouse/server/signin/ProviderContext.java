package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.provider.Provider;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the paths of one provider work with.
///
/// @param admissions for this provider alone: requests that wait for it take no place from others
record ProviderContext(
    Provider provider,
    ProviderPaths.Terms terms,
    ProviderPaths.Services services,
    AttemptCookies attempts,
    Admissions admissions,
    ProviderSite site,
    Clock clock) {

  private static final Policy SESSION = Policy.accepting(Method.SESSION);

  Gate gate() {
    return admissions.gate();
  }

  /// By which method people are known after they signed in here.
  Method method() {
    return site.sessions() ? Method.SESSION : Method.JWT;
  }

  /// Judges a request by its session.
  Decision judgeSession(AuthRequest request) {
    return gate().recall(request, SESSION).orElseGet(() -> gate().admit(request, SESSION));
  }

  /// The greatest age of the provider's authentication that the attempt asks for; null: any age.
  static @Nullable Duration maxAge(Attempt attempt) {
    return attempt.asked().recently() ? Person.MAX_PROVIDER_AUTHENTICATION_AGE : null;
  }

  /// Whether a page at that path may get a one-time code. RFC 9700 §2.1: exact string matching.
  boolean mayGetCode(String path) {
    return site.codeReturnPaths().contains(path);
  }
}
