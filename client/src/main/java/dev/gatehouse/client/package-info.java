/// A client for APIs behind Gatehouse. It sends or computes every kind of credential that a gate
/// accepts.
///
/// [GatehouseClient] wraps the JDK's HTTP client. It sends to one origin only, always verifies the
/// gate's certificate, and follows no redirect. It authenticates with
///
/// - any number of [Credential]s: fields that are computed for each request (an API key, a name and
///   a password, a token, a signature),
/// - a [Grant]: tokens that it requests from the gate and renews,
/// - and a client certificate.
///
/// No class here has a text form that contains a secret.
package dev.gatehouse.client;
