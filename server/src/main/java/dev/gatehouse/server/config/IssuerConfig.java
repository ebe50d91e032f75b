package dev.gatehouse.server.config;

import java.net.URI;

/// Somebody whose access tokens count.
///
/// @param issuer exactly as its tokens name it
/// @param audience that a token must name
public record IssuerConfig(URI issuer, String audience) {}
