/// What the gate says of itself and of the caller: `/whoami`, `/healthz`, `/readyz`, and the keys
/// that verify its signatures.
package dev.gatehouse.server.status;
