package dev.gatehouse.throttle;

import java.net.InetAddress;

/// Who counts as one caller where callers share something: a credential, else an address.
public sealed interface Caller {

  /// A caller that has proved who it is.
  ///
  /// @param subject whom it acts for: the users of an application may share one credential
  /// @param id of the credential
  record Credential(String subject, String id) implements Caller {}

  /// A caller of which only the address is known.
  record Address(InetAddress address) implements Caller {}
}
