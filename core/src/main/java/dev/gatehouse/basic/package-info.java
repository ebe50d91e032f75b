/// Basic: the name and the password of a person in every request (RFC 7617).
///
/// **Wire format.** `Authorization: Basic <base64(name ":" password)>`, in UTF-8 and normal form C
/// (RFC 7617 §2.1). The first colon ends the name, which may be an e-mail address. The password may
/// contain further colons.
///
/// **What it proves.** The caller knows the password. It proves nothing about the request. Use it
/// over TLS only: anybody who reads one request has the password.
///
/// **Threats.** Guessing: passwords are hashed slowly, and wrong ones are throttled by name and
/// address without locking the owner out. Finding accounts: an unknown name costs the same hash and
/// gets the same answer. A flood of slow hashes: they have a few separate threads and a bounded
/// queue, and an accepted pair is remembered for a minute at most. A page of another site that
/// makes a browser send a password that it knows: the gate checks where the request comes from.
package dev.gatehouse.basic;
