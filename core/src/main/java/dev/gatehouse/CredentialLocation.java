package dev.gatehouse;

/// Where in a request a credential stands, in the order in which the gate looks.
///
/// Explicit comes before ambient: what a program wrote into the request counts for more than what a
/// browser or a connection adds by itself.
public enum CredentialLocation {
  AUTHORIZATION,
  API_KEY_FIELD,
  SIGNATURE_FIELD,
  COOKIE,
  CERTIFICATE,
  /// No credential may stand here. What has the name of one, and not the form, may be a parameter
  /// of the upstream's own: it counts only where that credential would be accepted, to say so.
  QUERY
}
