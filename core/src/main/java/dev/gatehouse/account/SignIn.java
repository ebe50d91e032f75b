package dev.gatehouse.account;

import org.jspecify.annotations.Nullable;

/// A person who has just proved who they are, and with what.
///
/// @param account as it was read together with that proof: what ended its sign-ins since then ends
///   what begins with this one too
/// @param credential the id of the password, or `issuer|subject` of the identity at a provider;
///   null: not known
public record SignIn(Account account, @Nullable String credential) {}
