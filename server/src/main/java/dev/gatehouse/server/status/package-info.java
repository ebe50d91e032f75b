/// What the gate publishes about itself and about the caller: `/whoami`, `/healthz`, `/readyz`, and
/// the keys that verify its signatures.
package dev.gatehouse.server.status;
