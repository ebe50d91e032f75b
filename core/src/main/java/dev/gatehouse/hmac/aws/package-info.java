/// AWS Signature Version 4: proves who signed a request, for callers that have a signer of Amazon's
/// form (curl, the SDKs) and no other.
///
/// **Wire format.** `Authorization: AWS4-HMAC-SHA256
/// Credential=KEYID/DAY/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…` with
/// `X-Amz-Date`, by Amazon's documents for every service but S3: the path is normalised and encoded
/// once more than it is sent, the query sorted. Region and service are settings. The host, the date
/// and, if sent, the body's hash must be signed.
///
/// **What it proves.** That the key's holder sent this request: method, host, path, query, the
/// signed fields and the body. Not the fields that are not signed.
///
/// **Threats.** What the canonical form leaves open is refused (see [CanonicalTarget]), so that
/// nobody on the way changes what is forwarded; but for the number of blanks within a signed field.
/// What is signed without its body (`UNSIGNED-PAYLOAD`), in chunks, in the query (presigned), or
/// under a session token is refused. A signature is accepted once. Equal requests of one second
/// have equal signatures: a signed field of the caller's own, such as the SDKs'
/// `amz-sdk-invocation-id`, tells them apart.
package dev.gatehouse.hmac.aws;
