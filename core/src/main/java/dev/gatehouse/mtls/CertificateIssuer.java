package dev.gatehouse.mtls;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/// The port to the gate's own CA, which issues client certificates. Implementations are
/// thread-safe; each method may block.
public interface CertificateIssuer {

  /// The CA that issues certificates now.
  ClientCa ca();

  /// Issues a certificate for this key, with the extended key usage clientAuth only. Does not check
  /// whether the client has the private key, or whether the key is strong.
  ///
  /// @param label a text for people in the subject; no decision depends on it
  /// @param identity a SPIFFE ID, which becomes the only subject alternative name
  /// @param notAfter the end of the certificate, in whole seconds; an end after the CA's own end
  ///   becomes the CA's end
  X509Certificate issue(PublicKey key, String label, CertificateName identity, Instant notAfter);
}
