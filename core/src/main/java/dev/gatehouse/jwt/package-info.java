/// The gate's own tokens: short-lived access tokens (JWT), and refresh tokens to get more of them.
///
/// **Wire format.** `Authorization: Bearer <token>` (RFC 6750 §2.1). An access token is a signed
/// JWT with `typ: at+jwt` (RFC 9068). A refresh token is opaque: `rt_` and 43 base62 characters
/// with 256 random bits. It is sent to the gate's sign-in only.
///
/// **What it proves.** The caller has a token that was issued at a sign-in, or to a service for its
/// credential, and this parent is still valid: each token names it in `sid`, and the gate looks it
/// up.
///
/// **Threats.** Forged tokens: the key determines the algorithm (RFC 8725 §3.1), headers that name
/// keys or unknown extensions are refused, and no other kind of token is accepted (RFC 8725 §3.11).
/// A stolen access token: it is valid for minutes, and can be revoked before. A stolen refresh
/// token: each can be used once, and a second use ends the whole family (RFC 9700 §4.14.2). A
/// stolen database: it contains digests of random secrets, and sealed keys. Outdated rights: scopes
/// are limited to those that the owner has now.
package dev.gatehouse.jwt;
