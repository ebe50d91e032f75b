/// Signed requests: prove that whoever holds a key sent this very request, just now, and once.
///
/// **Wire format** of the gate's own profile: `X-Key-Id`, `X-Timestamp` (Unix seconds),
/// `X-Signature` (lower-case hex of an HMAC-SHA-256) and, optional, `X-Nonce`. What is signed is
/// `METHOD\nTARGET\nTIMESTAMP\nBODYHASH`, and `\nNONCE` when one is sent: TARGET is the request
/// target as sent, query included, and BODYHASH the lower-case hex SHA-256 of the body, empty when
/// there is none. Others' ways of signing are rooms of their own, each a
/// [dev.gatehouse.hmac.SignatureProfile] over the same keys and the same record of uses.
///
/// **What it proves.** The key, and that method, target and body are as they were signed. The host
/// is not signed: a key names the hosts that it is good for.
///
/// **Threats.** A replay: a signature is accepted once, and only around its time; the record of
/// uses survives a restart, and refuses when it is full rather than forget. A change on the way:
/// the signature covers it. A leaked key: expiry, scopes, hosts, networks, rotation, revocation
/// within a second. A stolen database: secrets are sealed under a master key that is not in it. A
/// flood: form, time and key are judged before a byte of the body is read.
package dev.gatehouse.hmac;
