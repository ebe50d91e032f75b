package dev.gatehouse.account;

import org.jspecify.annotations.Nullable;

/// A person who has just authenticated, and the credential that they used.
///
/// @param account the account, read together with that credential. If its sign-ins are ended after
///   that, what this sign-in begins has ended too
/// @param credential the id of the password, or `issuer|subject` of the identity at a provider;
///   null: not known
public record SignIn(Account account, @Nullable String credential) {}
