/// Signatures by HTTP Message Signatures (RFC 9421), with Content-Digest (RFC 9530).
///
/// **Wire format.** `Signature-Input: sig=("@method" "@target-uri" "content-digest");created=…;
/// keyid="…";nonce="…"`, and `Signature: sig=:…:` over the signature base (§2.5). The algorithms
/// are `hmac-sha256`, `ed25519`, `ecdsa-p256-sha256` and `rsa-pss-sha512`; which of them it is, the
/// key says, and an `alg` that says otherwise is refused.
///
/// **What it proves.** That whoever holds the key signed this request: each component that the
/// settings demand, and whatever else the signature covers, is as it was signed. A body is covered
/// by its digest, so it may stream.
///
/// **Threats.** A part that is not covered is changed on the way: the required ones include method,
/// target and body. One of several signatures, labels or parameters is read by one party and
/// another by the next: what is there twice is refused. A component that two parties read
/// differently: what is not understood is refused, responses' and trailers' components among it.
/// The message chooses its algorithm: it may not. A replay: each base is accepted once under a key,
/// whatever its signature's bytes, which with ECDSA others can change.
package dev.gatehouse.hmac.message;
