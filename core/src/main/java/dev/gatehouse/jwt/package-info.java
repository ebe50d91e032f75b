/// JSON Web Tokens that the gate issues: short access tokens, and refresh tokens to get more.
///
/// **Wire format.** `Authorization: Bearer <token>` (RFC 6750 §2.1). An access token is a signed
/// JWT of `typ: at+jwt` (RFC 9068); a refresh token is opaque, `rt_` and 43 characters base62 of
/// 256 random bits, and is shown to nobody but the gate's own sign-in.
///
/// **What it proves.** That the caller holds what was issued at a sign-in, or to a service for its
/// credential, and that this still stands: each token names in `sid` what it rests on, and the gate
/// asks for that.
///
/// **Threats.** Forged tokens: the key says the algorithm (RFC 8725 §3.1), headers that name keys
/// or unknown extensions are refused, and no other kind of token passes (RFC 8725 §3.11). A stolen
/// access token: minutes of life, and revocation before that. A stolen refresh token: each is used
/// once, and a second use ends the whole family (RFC 9700 §4.14.2). A stolen database: digests of
/// random secrets, and sealed keys. Stale rights: scopes are cut to what the owner has now.
package dev.gatehouse.jwt;
