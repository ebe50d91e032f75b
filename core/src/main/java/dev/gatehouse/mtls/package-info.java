/// Mutual TLS: authenticates a client that has the private key of a registered certificate.
///
/// **Where things are.** [dev.gatehouse.mtls.MtlsAuthenticator] authenticates requests.
/// [dev.gatehouse.mtls.ClientTrust] validates chains: `PathSearch` finds the paths,
/// `CertificateProfile` checks each certificate, `NameConstraintCheck` and `PathValidation` check a
/// path, and `RevocationLists` checks the CRLs. [dev.gatehouse.mtls.ClientCertificates] registers
/// and issues certificates. [dev.gatehouse.mtls.ForwardedCertificate] reads the fields of proxies.
///
/// **Wire format.** A certificate in the TLS handshake (RFC 8446 §4.4.2, RFC 5246 §7.4.6). From a
/// listed proxy that terminates TLS: `Client-Cert` and `Client-Cert-Chain` (RFC 9440), or
/// `X-Forwarded-Client-Cert`.
///
/// **What it proves.** The handshake proves that the client has the private key. The chain leads to
/// a configured client CA (RFC 5280 §6). The registration determines the account. A certificate is
/// registered, together with its CA, by a SPIFFE ID, a DNS name or an e-mail address of the subject
/// alternative name, or by its fingerprint. The CN of the subject is never used.
///
/// **Threats.**
///
/// - A certificate that the CA issued for another purpose: only registered certificates with the
///   extended key usage clientAuth are accepted.
/// - A stolen key: a revocation at the gate takes effect within a second, also for open and resumed
///   connections. A revocation by the CA takes effect with its list.
/// - A CA that exceeds its authority: name constraints, path lengths and usages are enforced.
/// - An extension that this code does not understand: the certificate is refused.
package dev.gatehouse.mtls;
