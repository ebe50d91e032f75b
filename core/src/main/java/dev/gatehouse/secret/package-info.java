/// Makes, digests, seals and recognizes secrets: random ids and texts, digests for storage and
/// look-up, encryption of values that must be readable again, and the removal of secrets from logs.
package dev.gatehouse.secret;
