/// Sessions: a cookie proves the browser of a person who signed in.
///
/// The wire: `Cookie: __Host-gatehouse=` and 43 characters base62 of 256 random bits; set with
/// `Secure`, `HttpOnly`, `SameSite` and `Path=/`, so that no script reads it, no plain connection
/// carries it and no sibling host sets it (RFC 6265bis §4.1.3.2).
///
/// Threats: fixation (a sign-in always makes a new id), theft (idle and absolute limits, an end
/// that holds everywhere at once), forgery by another site's page ([dev.gatehouse.CsrfCheck], and a
/// token that only this origin's pages can read), a store that is read (it holds digests only), a
/// role that was taken away (it is asked anew, and the feed names the person).
package dev.gatehouse.session;
