package dev.gatehouse.throttle;

import java.net.InetAddress;

/// Who counts as one caller where callers share something: a credential, or else an address.
/// Immutable.
public sealed interface Caller {

  /// A caller that has authenticated.
  ///
  /// @param subject the subject that it acts for: the users of an application may share one
  ///   credential
  /// @param id the public id of the credential
  record Credential(String subject, String id) implements Caller {}

  /// A caller whose address only is known.
  record Address(InetAddress address) implements Caller {}
}
