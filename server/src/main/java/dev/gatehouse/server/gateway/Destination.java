package dev.gatehouse.server.gateway;

/// A route's upstream with what was prepared for it.
///
/// @param client which of an event loop's clients leads there
/// @param places of the upstream
/// @param clientFields what the route says of fields of clients
record Destination(
    Upstream upstream,
    int client,
    UpstreamPlaces places,
    CorsAnswer cors,
    EndingFields ends,
    FieldNames<ClientFields.Rule> clientFields) {}
