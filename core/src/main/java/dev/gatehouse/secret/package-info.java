/// Random text, digests and sealing: how secrets are made, looked up and kept.
package dev.gatehouse.secret;
