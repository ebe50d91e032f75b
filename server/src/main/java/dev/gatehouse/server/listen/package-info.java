/// Turns bytes from the network into requests that can be read in one way only.
///
/// TLS ends here, HTTP is parsed once and strictly, and everything that a caller may make large,
/// slow or many has a bound. What is left is an [Arrival].
package dev.gatehouse.server.listen;
