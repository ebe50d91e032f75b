package dev.gatehouse.session;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A session as it is stored.
///
/// @param id public
/// @param digest of the cookie's secret, which nobody keeps
/// @param account whose it is
/// @param generation of the account's sign-ins when it began
/// @param createdAt when the person signed in here
/// @param authenticatedAt when the person was last authenticated: with a password here, or at the
///   provider; null: the provider did not say
/// @param expiresAt the absolute limit
/// @param lastSeenAt when it was last used, as far as is written
/// @param agent what the browser called itself, cut short; for people to tell sessions apart
/// @param address from where the person signed in
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
