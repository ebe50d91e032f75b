/// Outbound HTTP requests to identity providers, with which people sign in, and to issuers whose
/// access tokens are accepted.
package dev.gatehouse.server.provider;
