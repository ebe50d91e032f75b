/// Signing in: with a password or a provider, for browsers with pages that need no script, and for
/// programs. It also issues tokens and shows people their account page.
package dev.gatehouse.server.signin;
