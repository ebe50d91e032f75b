package dev.gatehouse.session;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A session as it is stored. Immutable.
///
/// @param id public
/// @param digest the digest of the cookie's secret, which itself is stored nowhere
/// @param account the id of its owner
/// @param generation the generation of the account when the session began
/// @param createdAt when the person signed in here
/// @param authenticatedAt when the person was last authenticated, with a password here or at the
///   provider; null: the provider did not say
/// @param expiresAt when it reaches its absolute timeout
/// @param lastSeenAt when it was last used, as far as it was recorded
/// @param agent the `User-Agent` of the browser, truncated, by which people recognize a session
/// @param address the address from which the person signed in
/// @param signedInBy the credential with which the person signed in
///   ([dev.gatehouse.account.SignIn#credential]); null: not known
public record StoredSession(
    String id,
    Digest digest,
    String account,
    long generation,
    Instant createdAt,
    @Nullable Instant authenticatedAt,
    Instant expiresAt,
    Instant lastSeenAt,
    String agent,
    String address,
    @Nullable String signedInBy) {}
