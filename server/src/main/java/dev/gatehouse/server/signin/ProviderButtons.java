package dev.gatehouse.server.signin;

import dev.gatehouse.server.provider.Provider;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The links of pages that lead to providers, in the order of the configuration. Thread-safe.
public final class ProviderButtons {

  /// None.
  public static final ProviderButtons NONE = new ProviderButtons("", List.of());

  private final String prefix;
  private final List<AccountItems.Issuer> issuers;

  /// @param prefix of the gate's own paths
  public ProviderButtons(String prefix, List<Provider> providers) {
    this.prefix = prefix;
    this.issuers =
        providers.stream()
            .map(
                provider ->
                    new AccountItems.Issuer(provider.issuer(), provider.name(), provider.label()))
            .toList();
  }

  String prefix() {
    return prefix;
  }

  /// Where a sign-in with the provider of that name begins, under that prefix.
  static String startPath(String prefix, String name) {
    return prefix + "/auth/" + name;
  }

  /// The providers, in the order of the configuration.
  public List<AccountItems.Issuer> issuers() {
    return issuers;
  }

  /// Where the form posts to that links the provider of that name, under that prefix.
  static String linkPath(String prefix, String name) {
    return startPath(prefix, name) + "/link";
  }

  /// The buttons, with a page to return to after the sign-in.
  ///
  /// @param returnTarget null: the default page
  /// @param again whether the provider must have authenticated the person recently
  List<SignInPage.Provider> leadingTo(@Nullable String returnTarget, boolean again) {
    String target = returnTarget == null ? "" : parameter("return", returnTarget);
    return with(
        again
            ? target + (target.isEmpty() ? "?" : "&") + SignInPaths.RECENT_SIGN_IN_PARAMETER
            : target);
  }

  /// Buttons that take an invitation along.
  List<SignInPage.Provider> invited(String token) {
    return with(parameter("invitation", token));
  }

  private static String parameter(String name, String value) {
    return "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private List<SignInPage.Provider> with(String query) {
    return issuers.stream()
        .map(
            provider ->
                new SignInPage.Provider(
                    provider.label(), startPath(prefix, provider.name()) + query))
        .toList();
  }
}
