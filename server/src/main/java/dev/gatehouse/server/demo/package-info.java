/// What the demo runs beside the gate: the sample API as an upstream, and a provider to sign in
/// with. Each is small enough to read.
package dev.gatehouse.server.demo;
