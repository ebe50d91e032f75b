package dev.gatehouse;

/// The part of a request that contains a credential, in the order in which the gate looks.
///
/// Explicit credentials come before ambient ones: what a program wrote into the request takes
/// precedence over what a browser or a connection adds by itself.
public enum CredentialLocation {
  AUTHORIZATION,
  API_KEY_FIELD,
  SIGNATURE_FIELD,
  COOKIE,
  CERTIFICATE,
  /// The query, in which no credential is allowed. A parameter that has the name of a credential,
  /// but not its form, may be a parameter of the upstream. It is rejected only on a route that
  /// would accept that credential, to tell the caller.
  QUERY
}
