package dev.gatehouse.server.provider;

import dev.gatehouse.oauth.ProviderToken;
import dev.gatehouse.oauth.VerifiedIdentity;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A person whom a provider authenticated, and the token that the provider issued to act for that
/// person.
///
/// @param authenticatedAt when the provider last authenticated the person (`auth_time`, OpenID
///   Connect Core §2); null: it did not say. Of a provider that never says (GitHub, Google) it is
///   the time at which its answer came
public record VerifiedSignIn(
    VerifiedIdentity who, ProviderToken token, @Nullable Instant authenticatedAt) {}
