package dev.gatehouse.server.assembly;

import dev.gatehouse.Method;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.listen.ClientAuthentication;
import dev.gatehouse.server.tls.ClientTrustReloader;
import dev.gatehouse.server.tls.OwnAuthority;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which client certificates are trusted, and whether the listener asks for them. It lasts as the
/// listener does: what the listener asks of clients is part of its TLS settings.
///
/// @param own the gate's own CA; null: it is none
/// @param authentication what the listener asks of clients; null: nothing
record ClientCertificateTrust(
    @Nullable OwnAuthority own,
    ClientTrustReloader reloader,
    @Nullable ClientAuthentication authentication) {

  /// Reads what is trusted, and makes the gate's own CA where the configuration needs one and the
  /// store has none.
  static ClientCertificateTrust of(
      GatehouseConfig config, ClientCertificateStore store, Seal seal, Clock clock) {
    MethodsConfig.Mtls mtls = config.methods().mtls();
    OwnAuthority own =
        mtls.ownCa() && config.accepted().contains(Method.MTLS)
            ? OwnAuthority.in(store, seal, config.realm(), clock)
            : null;
    ClientTrustReloader reloader =
        new ClientTrustReloader(mtls.files(), own == null ? List.of() : own.cas(), clock);
    return new ClientCertificateTrust(own, reloader, authentication(config, reloader, clock));
  }

  private static @Nullable ClientAuthentication authentication(
      GatehouseConfig config, ClientTrustReloader reloader, Clock clock) {
    boolean asked =
        switch (config.listen().clientCertificates()) {
          case AS_NEEDED ->
              config.accepted().contains(Method.MTLS) || config.methods().jwt().bindToCertificate();
          case REQUEST, REQUIRE -> true;
        };
    return asked
        ? new ClientAuthentication(
            reloader.trust(),
            clock,
            config.listen().clientCertificates() == ListenConfig.ClientCertificates.REQUIRE)
        : null;
  }
}
