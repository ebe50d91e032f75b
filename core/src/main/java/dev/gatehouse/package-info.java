/// The gate, and what all methods share.
///
/// An [dev.gatehouse.Authenticator] finds the credential of its method in a request
/// ([dev.gatehouse.Presented]) and verifies it ([dev.gatehouse.Outcome]). The [dev.gatehouse.Gate]
/// asks the authenticators in the order of [dev.gatehouse.CredentialLocation], checks the
/// [dev.gatehouse.Conditions] and the [dev.gatehouse.Policy] of the route, and answers with a
/// [dev.gatehouse.Decision]. A refused request gets a [dev.gatehouse.Refusal].
///
/// This package knows no method, no store and no server. A server translates its requests to
/// [dev.gatehouse.AuthRequest] and carries out the decision.
package dev.gatehouse;
