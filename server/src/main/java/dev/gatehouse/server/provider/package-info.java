/// What the gate asks of others over HTTP: providers with whom people sign in, and issuers whose
/// access tokens count.
package dev.gatehouse.server.provider;
