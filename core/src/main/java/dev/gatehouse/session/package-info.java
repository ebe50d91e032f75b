/// Sessions: a cookie that authenticates the browser of a person who signed in.
///
/// **Wire format.** `Cookie: __Host-gatehouse=` with `session_` and 43 base62 characters with 256
/// random bits. It is set with `Secure`, `HttpOnly`, `SameSite` and `Path=/`, so that no script can
/// read it, no plain connection carries it, and no sibling host can set it (RFC 6265bis §4.1.3.2).
///
/// **Threats.** Fixation: a sign-in always makes a new session. Theft: idle and absolute timeouts,
/// and an end that takes effect on all nodes. Forgery by a page of another site:
/// [dev.gatehouse.CsrfCheck], and a token that only pages of this origin can read. A stolen
/// database: it contains only digests. A role that was taken away: scopes are looked up each time,
/// and the feed names the person.
package dev.gatehouse.session;
