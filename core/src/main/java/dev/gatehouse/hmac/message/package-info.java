/// HTTP Message Signatures (RFC 9421), with `Content-Digest` (RFC 9530).
///
/// **Wire format.** `Signature-Input: sig=("@method" "@target-uri" "content-digest");created=…;
/// keyid="…";nonce="…"`, and `Signature: sig=:…:`, which signs the signature base (RFC 9421 §2.5).
/// The algorithms are `hmac-sha256`, `ed25519`, `ecdsa-p256-sha256` and `rsa-pss-sha512`. The key
/// determines the algorithm. A signature with another `alg` is refused.
///
/// **What a signature proves.** The caller has the key, and each covered component is as it was
/// signed. The settings say which components each signature must cover. A digest covers the body,
/// so the body can be forwarded while it arrives.
///
/// **Threats.**
///
/// - Change in transit: each signature must cover the method, the target and the body.
/// - Two readers choose different signatures, labels or parameters: duplicates are refused.
/// - Two readers understand a component differently: a component that is not understood is refused,
///   including those of responses and trailers.
/// - The message chooses its algorithm: the key chooses it.
/// - Replay: a signature base is accepted once for a key, even with another signature. With ECDSA,
///   a third party can make another valid signature of the same base.
package dev.gatehouse.hmac.message;
