/// The certificates that the gate shows: the user's own, or a development certificate whose CA is
/// good for localhost and nothing else.
package dev.gatehouse.server.tls;
