package dev.gatehouse.server.signin;

import java.util.Map;

/// A rendered page with its header fields. The status is not part of it.
///
/// @param html the body, to be sent as UTF-8; it may hold a token, so it has no text form
/// @param fields the header fields to send with it, `Content-Type` among them
public record Page(String html, Map<String, String> fields) {

  /// Only that it is one.
  @Override
  public String toString() {
    return "Page";
  }
}
