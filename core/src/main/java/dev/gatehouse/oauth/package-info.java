/// OAuth 2.0: people who sign in with a provider, and access tokens that others issue.
///
/// **People of providers.** A provider vouches for somebody by (issuer, subject), and a [Link] says
/// whose account here that is. Nothing else finds an account: e-mail addresses and labels change
/// hands (OpenID Connect Core §5.7). Somebody unknown is refused unless invited, or let in by the
/// [AllowList] of the provider; then an account is made, without any scope unless an invitation
/// grants some.
///
/// **Threats.** An address that nobody verified, or that only looks like another: it counts for
/// nothing. A provider that vouches for the address of a stranger: a new account keeps an address
/// only if the operator trusts the provider with it then ([AllowList]). A provider that gives an
/// address to somebody else: the account stays with whom it was linked to. An invitation that
/// leaks: it works once, ends by itself, may be withdrawn, and may be bound to a verified address.
/// A stolen database: invitations are stored as digests, tokens of providers sealed in their row.
package dev.gatehouse.oauth;
