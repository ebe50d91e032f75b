package dev.gatehouse.usage;

import dev.gatehouse.Method;
import java.time.Instant;

/// How often a method was used by one owner.
///
/// @param owner the subject that was proved; empty: of many, not told apart ([Usage])
/// @param credential its public id; empty: of several that come and go, such as sessions
/// @param route the route that announces the end of the method; empty: wherever none does
/// @param count how often, since `first`
public record UsageRecord(
    String owner,
    Method method,
    String credential,
    String route,
    long count,
    Instant first,
    Instant last) {

  /// Whose uses they are: what rows are told apart by, and the order in which they are listed.
  public record Key(String owner, Method method, String credential, String route)
      implements Comparable<Key> {

    @Override
    public int compareTo(Key other) {
      int order = owner.compareTo(other.owner);
      order = order == 0 ? method.id().compareTo(other.method.id()) : order;
      order = order == 0 ? credential.compareTo(other.credential) : order;
      return order == 0 ? route.compareTo(other.route) : order;
    }
  }

  /// Whose uses they are.
  public Key key() {
    return new Key(owner, method, credential, route);
  }

  /// These and those of the same.
  public UsageRecord plus(UsageRecord others) {
    return new UsageRecord(
        owner,
        method,
        credential,
        route,
        count + others.count,
        others.first.isBefore(first) ? others.first : first,
        others.last.isAfter(last) ? others.last : last);
  }
}
