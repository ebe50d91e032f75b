package dev.gatehouse.server.signin;

import dev.gatehouse.server.provider.Provider;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The links of pages that lead to providers, in the order of the configuration. Thread-safe.
public final class ProviderButtons {

  /// None.
  public static final ProviderButtons NONE = new ProviderButtons("", List.of());

  private final String prefix;
  private final Map<String, String> labels = new LinkedHashMap<>();

  /// @param prefix of the gate's own paths
  public ProviderButtons(String prefix, List<Provider> providers) {
    this.prefix = prefix;
    providers.forEach(provider -> labels.put(provider.name(), provider.label()));
  }

  /// Where a sign-in with the provider of that name begins, under that prefix.
  static String startPath(String prefix, String name) {
    return prefix + "/auth/" + name;
  }

  /// What people know each provider by, by its name in the configuration, in that order.
  public Map<String, String> labels() {
    return Collections.unmodifiableMap(labels);
  }

  /// Where the form posts to that links the provider of that name, under that prefix.
  static String linkPath(String prefix, String name) {
    return startPath(prefix, name) + "/link";
  }

  /// Buttons that lead to a target afterwards.
  ///
  /// @param returnTarget null: where sign-ins lead that have none
  List<SignInPage.Provider> leadingTo(@Nullable String returnTarget) {
    return with("return", returnTarget);
  }

  /// Buttons that take an invitation along.
  List<SignInPage.Provider> invited(String token) {
    return with("invitation", token);
  }

  private List<SignInPage.Provider> with(String name, @Nullable String value) {
    String query =
        value == null ? "" : "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    return labels.entrySet().stream()
        .map(
            provider ->
                new SignInPage.Provider(
                    provider.getValue(), startPath(prefix, provider.getKey()) + query))
        .toList();
  }
}
