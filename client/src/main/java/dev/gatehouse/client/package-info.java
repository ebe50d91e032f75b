/// A client of APIs behind Gatehouse: attaches or signs each kind of credential that a gate takes.
///
/// [GatehouseClient] wraps the JDK's HTTP client. It sends to one origin and no other, verifies the
/// gate's certificate always, and follows no redirect. What it proves itself with is
///
/// - any number of [Credential]s: fields made for each request (an API key, a name and a password,
///   a token, a signature),
/// - a [Grant]: tokens that it asks the gate for, and renews,
/// - and a client certificate.
///
/// Nothing here has a text form that holds a secret.
package dev.gatehouse.client;
