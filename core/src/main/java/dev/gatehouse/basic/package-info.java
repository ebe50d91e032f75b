/// Basic: a person's name and password in every request (RFC 7617).
///
/// **Wire format.** `Authorization: Basic <base64(name ":" password)>`, in UTF-8 and normal form C
/// (RFC 7617 §2.1). The first colon ends the name, which may be an e-mail address; the password may
/// hold more of them.
///
/// **What it proves.** That the caller knows the password; nothing about the request. Send it over
/// TLS only: whoever reads one request has the password.
///
/// **Threats.** Guessing: slow hashes, and wrong passwords are throttled by name and address, in a
/// way that locks nobody out for long. Finding out who has an account: an unknown name costs the
/// same hash and gets the same answer. A flood of slow hashes: they have a few threads and a
/// bounded queue of their own, and an accepted pair is remembered for a minute at most. Another
/// site's page that makes a browser send the password it knows: the gate asks where the request
/// comes from.
package dev.gatehouse.basic;
