package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Principal;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.gateway.OwnPath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The parts of all methods of one configuration: the one list of methods. A method is added here
/// with one line, and with a [MethodPart] of its own.
final class Methods {

  private final List<MethodPart> all = new ArrayList<>();

  final ApiKeyMethod apiKey;
  final HmacMethod hmac;
  final MutualTlsMethod mutualTls;
  final SessionMethod session;
  final JwtMethod jwt;

  Methods(Services services) {
    apiKey = add(new ApiKeyMethod(services));
    add(new BasicMethod(services));
    OAuthMethod oauth = add(new OAuthMethod(services));
    jwt = add(new JwtMethod(services, this::standing, oauth.sorting()));
    hmac = add(new HmacMethod(services));
    session = add(new SessionMethod(services));
    mutualTls = add(new MutualTlsMethod(services));
    // The order in which challenges are listed.
    all.sort(Comparator.comparing(MethodPart::method));
  }

  private <P extends MethodPart> P add(P part) {
    all.add(part);
    return part;
  }

  List<Authenticator> authenticators() {
    return all.stream().map(MethodPart::authenticator).filter(Objects::nonNull).toList();
  }

  private Optional<ParentCredential> standing(String credential, @Nullable String path) {
    return all.stream()
        .map(part -> part.standing(credential, path))
        .flatMap(Optional::stream)
        .findFirst();
  }

  Map<String, OwnPath> ownPaths(Serving serving) {
    Map<String, OwnPath> paths = new HashMap<>();
    all.forEach(part -> paths.putAll(part.ownPaths(serving)));
    return paths;
  }

  List<CallGroup> adminCalls(AccountCalls accounts) {
    return all.stream().flatMap(part -> part.adminCalls(accounts).stream()).toList();
  }

  /// What is told when credentials were last used.
  List<Consumer<Map<String, Instant>>> touched() {
    List<Consumer<Map<String, Instant>>> touched = new ArrayList<>();
    all.forEach(part -> touched.add(part::touch));
    issued().forEach(credentials -> touched.add(credentials::touch));
    return touched;
  }

  /// See [MethodPart#comesAndGoes].
  boolean comesAndGoes(Principal principal) {
    return all.stream()
        .filter(part -> part.method() == principal.method())
        .anyMatch(part -> part.comesAndGoes(principal.credential()));
  }

  /// Forgets issued credentials some time after their end.
  void purgeEnded(EndedRetention retention) {
    issued().forEach(credentials -> credentials.purgeEnded(retention));
  }

  /// See [MethodPart#purge].
  void purge() {
    all.forEach(MethodPart::purge);
  }

  private List<Credentials<?>> issued() {
    return all.stream().flatMap(part -> part.issued().stream()).toList();
  }
}
