/// API keys: prove the application that sends a random secret.
///
/// **Wire format.** `X-API-Key: <key>` or `Authorization: ApiKey <key>`. A key is a prefix
/// (`sk_live_`), 43 characters base62 of 256 random bits, and 6 of a CRC-32 checksum over both: a
/// typo, or a scanner for leaked keys, needs no look-up.
///
/// **What it proves.** That the caller holds the secret; nothing about the request. Send it over
/// TLS only.
///
/// **Threats.** A leaked key: expiry, networks, scopes, rotation, revocation within a second, and a
/// refusal in query strings, which end up in logs. A stolen database: only SHA-256 digests are
/// stored, of secrets that no dictionary holds. Guessing: 256 bits, and failed attempts are
/// throttled by address.
package dev.gatehouse.apikey;
