/// Keys and signature algorithms: the gate's own signing keys, and the checks of other parties'
/// keys.
///
/// **Where things are.** [dev.gatehouse.signing.SigningKeys] generates, seals, publishes and
/// rotates the gate's keys; [dev.gatehouse.signing.SigningAlgorithm] signs with them.
/// [dev.gatehouse.signing.VerifyingKey] verifies signatures of other parties.
/// [dev.gatehouse.signing.PublicKeyCheck] and [dev.gatehouse.signing.SignatureAlgorithmCheck]
/// refuse weak keys and weak algorithms, wherever the gate relies on a signature.
///
/// **Threats.**
///
/// - A leaked key: rotation limits its life, and a revocation replaces all keys at once.
/// - A stolen database: private keys are sealed with a master key that is not in the database.
/// - A consumer that keeps the old key set: a new key is published before it signs.
/// - A signature with another algorithm: the key determines the algorithm (RFC 8725 §3.1).
/// - A weak key of another party: it is refused before it verifies anything.
package dev.gatehouse.signing;
