/// API keys: authenticate an application that sends a random secret.
///
/// **Wire format.** `X-API-Key: <key>` or `Authorization: ApiKey <key>`. A key consists of a prefix
/// (`sk_live_`), 43 base62 characters with 256 random bits, and 6 characters with a CRC-32 checksum
/// over both. Because of the checksum, a mistyped key needs no look-up, and neither do scanners for
/// leaked keys.
///
/// **What it proves.** The caller has the secret. It proves nothing about the request, so use it
/// over TLS only.
///
/// **Threats.** A leaked key: expiry, networks, scopes, rotation and revocation within a second
/// limit the damage, and keys in query strings are refused, since these are logged. A stolen
/// database: it contains only SHA-256 digests of random secrets. Guessing: a secret has 256 bits,
/// and failed attempts are throttled by address.
package dev.gatehouse.apikey;
