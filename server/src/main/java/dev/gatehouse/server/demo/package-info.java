/// What the demo has beside the gate: the sample API, a real upstream, and a provider to sign in
/// with. Each is small enough to read.
package dev.gatehouse.server.demo;
