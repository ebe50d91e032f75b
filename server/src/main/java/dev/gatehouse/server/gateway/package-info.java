/// Stands in front of the upstreams: asks the gate about each request, answers those it refuses,
/// and carries the others there and back.
///
/// A request walks [Gateway] (route, CORS, decision) → [UpstreamPlaces] (what may be under way) →
/// [Exchange] (bodies both ways, with back-pressure) → [FieldPolicy] (what may pass) →
/// [UpstreamClient] (connections). Everything about one request happens on the event loop on which
/// it came; only what the gate can't recall is asked on a virtual thread.
package dev.gatehouse.server.gateway;
