package dev.gatehouse.server.gateway;

/// A route's upstream with what was prepared for it.
///
/// @param client which of an event loop's clients leads there
record Destination(Upstream upstream, int client, CorsAnswer cors, EndingFields ends) {}
