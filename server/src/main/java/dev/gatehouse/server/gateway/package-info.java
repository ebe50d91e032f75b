/// Stands in front of the upstreams: asks the gate about each request, answers those it refuses,
/// and carries the others there and back.
///
/// [Gateway] finds the route, and answers CORS preflights. Each request is an [Exchange], which
/// goes through a [Phase] at a time: [Judging], [Preparing], [Queued], [Connecting],
/// [AwaitingAnswer], and [Answering] or [WebSocketTunnel]. [Admission] holds what the gate decided,
/// [ForwardedBody] carries the body, [UpstreamPlaces] bounds what is under way, [FieldPolicy] says
/// which fields pass, and [UpstreamClient] has the connections. Everything about one request
/// happens on the event loop on which it came. Only what the gate can't recall is asked on a
/// virtual thread.
package dev.gatehouse.server.gateway;
