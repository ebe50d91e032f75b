/// AWS Signature Version 4, for callers whose only signer is one of Amazon's form (curl, the SDKs).
///
/// **Wire format.** `Authorization: AWS4-HMAC-SHA256
/// Credential=KEYID/DAY/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`, with
/// `X-Amz-Date`. Amazon's documents define it. The gate uses the rules for services other than S3:
/// the path is normalized and encoded once more than it is sent, and the query is sorted. Region
/// and service are settings. The host, the date and, if the request states it, the hash of the body
/// must be signed.
///
/// **What a signature proves.** The caller has the key, and the method, the host, the path, the
/// query, the signed fields and the body are as they were signed. Fields that are not signed may be
/// changed.
///
/// **Threats.**
///
/// - Change in transit: [dev.gatehouse.hmac.aws.CanonicalTarget] refuses what the canonical form
///   leaves open. One thing stays open: the number of spaces within a signed field.
/// - Signatures that do not cover the whole request: a body that is unsigned (`UNSIGNED-PAYLOAD`)
///   or signed in chunks, a presigned URL and a session token are refused.
/// - Replay: a signature is accepted once. Two equal requests within one second have the same
///   signature. The caller can distinguish them by a signed field, for example
///   `amz-sdk-invocation-id` of the SDKs.
package dev.gatehouse.hmac.aws;
