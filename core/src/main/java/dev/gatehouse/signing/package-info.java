/// The gate's own signing keys: made, sealed, rotated with an overlap, published.
package dev.gatehouse.signing;
