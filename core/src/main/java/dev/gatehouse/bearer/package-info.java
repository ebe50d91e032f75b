/// Bearer tokens (RFC 6750): what the tokens of the gate and those of other issuers have in common.
///
/// Both are sent as `Authorization: Bearer`. [BearerTokenClassifier] decides which method judges a
/// token before anything in it is trusted. No other method then judges it.
package dev.gatehouse.bearer;
