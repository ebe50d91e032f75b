/// Mutual TLS: proves the holder of a private key whose certificate was registered.
///
/// **Wire format.** A certificate in the TLS handshake (RFC 8446 §4.4.2, RFC 5246 §7.4.6), or, from
/// a listed proxy that ended TLS, in `Client-Cert` and `Client-Cert-Chain` (RFC 9440) or in
/// `X-Forwarded-Client-Cert`.
///
/// **What it proves.** The handshake proves possession of the key. The chain leads to a client CA
/// that was configured, by RFC 5280 §6. Who that is, the registration says: a SPIFFE URI, a DNS
/// name or an e-mail address of the subject alternative name, or the certificate's fingerprint,
/// together with the CA. A name of the subject (CN) is never looked at.
///
/// **Threats.** A certificate of the right CA that was made for something else: only registered
/// ones pass, and only with the usage clientAuth. A stolen key: revocation here, within a second,
/// also on open and resumed connections, or by the CA's list. A CA that goes beyond its bounds:
/// name constraints, path lengths, usages. What this code does not understand is refused.
package dev.gatehouse.mtls;
