/// OAuth 2.0: people who sign in with a provider, and access tokens of other issuers.
///
/// **People of providers.** A provider vouches for a person by issuer and subject, and a [Link]
/// says which local account this is. Nothing else finds an account, because e-mail addresses and
/// labels can change hands (OpenID Connect Core §5.7). A person without a link is refused, unless
/// they have an invitation or the [AllowList] of the provider admits them. Then an account is made.
/// It has no scope unless an invitation grants some.
///
/// **Access tokens.** [OAuthAuthenticator] validates tokens of the [TrustedIssuer]s by their
/// signature or by asking the issuer (RFC 7662). [DeniedTokens] refuses single tokens or subjects.
///
/// **Threats.** An address that was not verified, or that only looks like another one: it is
/// ignored. A provider that vouches for the address of somebody else: a new account gets an address
/// only if the operator trusts the provider with it ([AllowList]). A provider that gives an address
/// to somebody else: the account stays with the identity to which it was linked. A leaked
/// invitation: it works once, expires, can be withdrawn, and can be bound to a verified address. A
/// stolen database: invitations are stored as digests, and tokens of providers are sealed in their
/// row.
package dev.gatehouse.oauth;
