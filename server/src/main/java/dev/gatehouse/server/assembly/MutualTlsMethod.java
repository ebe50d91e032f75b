package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.MtlsAuthenticator;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.CertificateCalls;
import dev.gatehouse.server.admin.ClientCertificateAdministration;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.status.RevocationListPath;
import dev.gatehouse.server.tls.OwnAuthority;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Client certificates. Which CAs are trusted lasts: [LastingParts#clientTrust].
final class MutualTlsMethod implements MethodPart {

  final ClientCertificates certificates;

  private final ClientCertificateTrust trust;
  private final @Nullable Authenticator authenticator;

  MutualTlsMethod(Services services) {
    LastingParts lasting = services.lasting;
    trust = lasting.clientTrust;
    certificates =
        new ClientCertificates(
            lasting.database.clientCertificates(),
            services.accounts,
            trust.reloader().trust(),
            trust.own(),
            trustDomain(services.config),
            services.clock);
    authenticator =
        services.accepts(Method.MTLS)
            ? new MtlsAuthenticator(
                services.config.realm(),
                trust.reloader().trust(),
                lasting.database.clientCertificates(),
                services.roles,
                services.clock)
            : null;
  }

  private static String trustDomain(GatehouseConfig config) {
    return config
        .methods()
        .mtls()
        .trustDomain()
        .or(() -> config.publicUrl().map(url -> URI.create(url).getHost()))
        .filter(name -> name.matches("[a-z0-9._-]{1,255}"))
        .orElse("gatehouse");
  }

  @Override
  public Method method() {
    return Method.MTLS;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public List<Credentials<?>> issued() {
    return List.of(certificates);
  }

  @Override
  public Optional<ParentCredential> standing(String credential, @Nullable String path) {
    return credential.startsWith(certificates.kind().idPrefix())
        ? certificates.standing(credential, path)
        : Optional.empty();
  }

  /// The list of revoked certificates of the gate's own CA.
  @Override
  public Map<String, OwnPath> ownPaths(Serving serving) {
    OwnAuthority own = trust.own();
    return own == null ? Map.of() : new RevocationListPath(serving.own, own).path();
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of(
        new CertificateCalls(
            new ClientCertificateAdministration(certificates, trust.reloader(), trust.own()),
            accounts));
  }
}
