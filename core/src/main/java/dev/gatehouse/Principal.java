package dev.gatehouse;

/// Who is calling, the same for all seven methods.
///
/// @param subject an opaque local id; or `issuer|sub`, which can never equal a local one
/// @param method how the caller proved it
/// @param credential the public id of the credential that it was proved with
/// @param scopes what the caller may do
public record Principal(String subject, Method method, String credential, Scopes scopes) {}
