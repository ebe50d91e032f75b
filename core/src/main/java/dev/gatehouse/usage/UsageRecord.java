package dev.gatehouse.usage;

import dev.gatehouse.Method;
import java.time.Instant;

/// How often one owner used a method. Immutable.
///
/// @param owner the subject that was proved; empty: of many principals that are not counted
///   separately ([Usage])
/// @param credential its public id; empty: of several short-lived ones, such as sessions
/// @param route the route that announces the deprecation of the method; empty: all routes that do
///   not
/// @param count how often it was used since `first`
public record UsageRecord(
    String owner,
    Method method,
    String credential,
    String route,
    long count,
    Instant first,
    Instant last) {

  /// What distinguishes records, and the order in which they are listed.
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

  /// Returns the key of this record.
  public Key key() {
    return new Key(owner, method, credential, route);
  }

  /// Returns the sum of this record and another one with the same key.
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
