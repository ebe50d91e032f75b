/// Certificates: those that the gate shows, the CAs of clients and servers that it trusts, and its
/// own CAs.
package dev.gatehouse.server.tls;
