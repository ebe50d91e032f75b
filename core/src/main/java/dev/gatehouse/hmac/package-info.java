/// Signed requests: a caller signs each request with a key, and the gate verifies the signature.
///
/// **Where things are.** [dev.gatehouse.hmac.HmacAuthenticator] asks each
/// [dev.gatehouse.hmac.SignatureProfile] for a signature. A profile parses one wire format: this
/// package has the gate's own, `aws` has AWS Signature Version 4, `message` has RFC 9421, and
/// `webhook` has the formats of webhook vendors. [dev.gatehouse.hmac.SignatureVerifier] does what
/// all formats share: the look-up of the key, the time, and the single use.
/// [dev.gatehouse.hmac.SignatureKeys] issues the keys.
///
/// **Wire format** of the gate's own profile: `X-Key-Id`, `X-Timestamp` (seconds since 1970),
/// `X-Signature` (the HMAC-SHA-256 in lower-case hex) and, optionally, `X-Nonce`. The signed text
/// is `METHOD\nTARGET\nTIMESTAMP\nBODYHASH`, followed by `\nNONCE` if `X-Nonce` is sent. TARGET is
/// the request target as it is sent, with the query. BODYHASH is the SHA-256 of the body in
/// lower-case hex; it is empty if there is no body.
///
/// **What a signature proves.** The caller has the key, and the method, the target and the body are
/// as they were signed. The gate's own format does not sign the host, so a key lists the hosts for
/// which it is valid.
///
/// **Threats.**
///
/// - Replay: a signature is accepted once, and only within a window around its time. The record of
///   uses survives a restart. A full record refuses new signatures and forgets none.
/// - Change in transit: the signature covers the request.
/// - Leaked key: expiry, scopes, hosts, networks and rotation limit the damage. A revocation takes
///   effect within a second.
/// - Stolen database: secrets are sealed with a master key that is not in the database.
/// - Flood: the form, the time and the key are checked before a byte of the body is read.
package dev.gatehouse.hmac;
