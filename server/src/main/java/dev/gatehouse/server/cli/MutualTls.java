package dev.gatehouse.server.cli;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.Standing;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.MtlsAuthenticator;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.ClientAuthentication;
import dev.gatehouse.server.status.RevocationListPath;
import dev.gatehouse.server.tls.ClientTrustReloader;
import dev.gatehouse.server.tls.OwnAuthority;
import dev.gatehouse.store.SqlClientCertificateStore;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The part of [Wiring] that is about client certificates.
///
/// @param own the gate's own CA; null: it is none
/// @param authentication what the listener asks of clients; null: nothing
record MutualTls(
    GatehouseConfig config,
    SqlClientCertificateStore store,
    @Nullable OwnAuthority own,
    ClientTrustReloader trust,
    ClientCertificates certificates,
    @Nullable ClientAuthentication authentication,
    Clock clock) {

  /// Reads what is trusted, and makes the gate's own CA where it shall be one and is none yet.
  static MutualTls in(
      GatehouseConfig config,
      SqlClientCertificateStore store,
      Accounts accounts,
      Seal seal,
      Clock clock) {
    MethodsConfig.Mtls mtls = config.methods().mtls();
    OwnAuthority own =
        mtls.ownCa() && config.accepted().contains(Method.MTLS)
            ? OwnAuthority.in(store, seal, config.realm(), clock)
            : null;
    ClientTrustReloader trust =
        new ClientTrustReloader(mtls.files(), own == null ? List.of() : own.cas(), clock);
    return new MutualTls(
        config,
        store,
        own,
        trust,
        new ClientCertificates(store, accounts, trust.trust(), own, trustDomain(config), clock),
        authentication(config, trust, clock),
        clock);
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

  Authenticator authenticator(Roles roles) {
    return new MtlsAuthenticator(config.realm(), trust.trust(), store, roles, clock);
  }

  private static @Nullable ClientAuthentication authentication(
      GatehouseConfig config, ClientTrustReloader trust, Clock clock) {
    boolean asked =
        switch (config.listen().clientCertificates()) {
          case AS_NEEDED ->
              config.accepted().contains(Method.MTLS) || config.methods().jwt().bindToCertificate();
          case REQUEST, REQUIRE -> true;
        };
    return asked
        ? new ClientAuthentication(
            trust.trust(),
            clock,
            config.listen().clientCertificates() == ListenConfig.ClientCertificates.REQUIRE)
        : null;
  }

  /// What the certificate of that id stands for now; empty for the id of anything else.
  Optional<Standing> standing(String id, @Nullable String path) {
    return id.startsWith(certificates.kind().idPrefix())
        ? certificates.standing(id, path)
        : Optional.empty();
  }

  Map<String, OwnPath> paths(Admissions ownAdmissions) {
    return own == null ? Map.of() : new RevocationListPath(ownAdmissions, own).path();
  }
}
