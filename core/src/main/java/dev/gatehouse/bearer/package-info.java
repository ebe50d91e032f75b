/// Bearer tokens (RFC 6750): what the gate's own and those of others have in common.
///
/// Both come as `Authorization: Bearer`. Which method a token is for is decided before anything of
/// it is believed ([BearerTokenClassifier]); it then belongs to that one alone.
package dev.gatehouse.bearer;
