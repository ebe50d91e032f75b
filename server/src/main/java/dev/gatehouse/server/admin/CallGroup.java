package dev.gatehouse.server.admin;

import java.util.List;

/// Calls of the admin API that concern one thing. Each method contributes the groups of what it
/// keeps.
public interface CallGroup {

  /// Every call of the group, always the same. No other group of the same [AdminApi] may have a
  /// call of the same HTTP method and path.
  List<Call> all();
}
