package dev.gatehouse.server.signin;

/// Says who is signed in, and offers to sign out.
///
/// @param name by which the person signed in
public record SignedInPage(String name) {}
