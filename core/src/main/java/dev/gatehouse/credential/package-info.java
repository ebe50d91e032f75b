/// The lifecycle that all credentials share that are issued to accounts.
///
/// A credential is issued to an owner on terms (scopes, networks, rate, expiry). It is rotated with
/// an overlap, revoked, listed by its owner, noted when it is used, and forgotten some time after
/// its end. [dev.gatehouse.credential.Credentials] issues, rotates and revokes;
/// [dev.gatehouse.credential.CredentialStore] is the port to storage.
///
/// A method's package adds what is specific to its kind: the material
/// ([dev.gatehouse.credential.IssuedCredential#material]), how it is made, and how a presented
/// credential is found. Its [dev.gatehouse.credential.CredentialKind] says what the lifecycle must
/// know of it.
package dev.gatehouse.credential;
