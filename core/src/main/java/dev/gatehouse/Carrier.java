package dev.gatehouse;

/// Where in a request a credential stands, in the order in which the gate looks.
///
/// Explicit comes before ambient: what a program wrote into the request counts for more than what a
/// browser or a connection adds by itself.
public enum Carrier {
  AUTHORIZATION,
  API_KEY_FIELD,
  SIGNATURE_FIELD,
  COOKIE,
  CERTIFICATE
}
