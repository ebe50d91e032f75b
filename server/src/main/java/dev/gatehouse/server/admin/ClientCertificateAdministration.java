package dev.gatehouse.server.admin;

import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.server.tls.ClientTrustReloader;
import dev.gatehouse.server.tls.OwnAuthority;
import org.jspecify.annotations.Nullable;

/// What an administrator of client certificates works with.
///
/// @param own the gate's own CA; null: it is none
public record ClientCertificateAdministration(
    ClientCertificates certificates, ClientTrustReloader trust, @Nullable OwnAuthority own) {}
