/// The hall: the gate, and what every method shares.
///
/// An [dev.gatehouse.Authenticator] finds what a request holds of its method
/// ([dev.gatehouse.Presented]) and verifies it ([dev.gatehouse.Outcome]); the [dev.gatehouse.Gate]
/// asks them in the order of [dev.gatehouse.CredentialLocation], judges the [dev.gatehouse.Conditions] and the
/// [dev.gatehouse.Policy], and answers with a [dev.gatehouse.Decision].
package dev.gatehouse;
