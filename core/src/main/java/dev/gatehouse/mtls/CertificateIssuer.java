package dev.gatehouse.mtls;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/// The gate's own CA, which issues certificates to clients. Thread-safe; may block.
public interface CertificateIssuer {

  /// The CA that issues now.
  ClientCa ca();

  /// Issues a certificate for that key, good for TLS clients and nothing else.
  ///
  /// @param label for people, in the subject: nobody judges by it
  /// @param identity a SPIFFE ID, the certificate's one name
  /// @param notAfter its end, to the second; never behind the CA's own
  X509Certificate issue(PublicKey key, String label, CertificateName identity, Instant notAfter);
}
