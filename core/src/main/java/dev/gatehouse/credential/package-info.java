/// The lifecycle that all issued credentials share.
///
/// A credential is issued to an owner on terms (scopes, networks, rate, expiry). It can be rotated
/// with an overlap, revoked and listed. Its last use is recorded, and it is deleted some time after
/// its end. [dev.gatehouse.credential.Credentials] issues, rotates and revokes;
/// [dev.gatehouse.credential.CredentialStore] is the port to storage.
///
/// A method's package adds what is specific to its kind: the material
/// ([dev.gatehouse.credential.IssuedCredential#material]), how it is made, and how a presented
/// credential is looked up. Its [dev.gatehouse.credential.CredentialKind] tells the lifecycle about
/// the kind.
package dev.gatehouse.credential;
