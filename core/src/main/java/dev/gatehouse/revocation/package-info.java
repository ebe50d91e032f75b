/// The revocation feed: makes every node forget within a second what was revoked or changed.
///
/// Stores write rows to the [dev.gatehouse.revocation.RevocationFeed] in the transaction of a
/// change. The [dev.gatehouse.revocation.FeedFollower] reads them, and
/// [dev.gatehouse.revocation.Revocations] says which remembered answers still count.
package dev.gatehouse.revocation;
