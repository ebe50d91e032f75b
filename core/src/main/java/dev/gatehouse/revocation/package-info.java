/// The revocation feed: how every node forgets, within a second, what was taken back.
package dev.gatehouse.revocation;
