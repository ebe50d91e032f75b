package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A bounded number of places that callers share, so that one of them never takes all.
///
/// A caller gets a place while it holds fewer than are free. So one caller gets at most half of all
/// places, two get a third each, and as much is left for everyone else. A caller that holds none
/// gets a place as long as one is free. Callers that take their shares one after the other each get
/// half of what is left: ten addresses can take 1000 places.
///
/// A caller is a credential, or an address with its groups: a wider [AddressGroup] may hold a
/// multiple of the free places, by its allowance.
///
/// The memory is proportional to the places that are held. Thread-safe; never blocks.
public final class Shares {

  // Guarded by this. By String or AddressGroup; only those who hold places are here.
  private final Map<Object, Integer> held = new HashMap<>();
  private int free;

  /// @param places at least one
  public Shares(int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one place");
    }
    this.free = places;
  }

  /// A place for a caller that has proved who it is.
  ///
  /// @param credential the id of the credential, or of whatever else counts as one caller
  /// @return empty when all places are taken, or this caller holds its share
  public Optional<Place> tryAcquire(String credential) {
    return tryAcquire(credential, 1);
  }

  /// A place for a caller of which only the address is known.
  ///
  /// @return empty when all places are taken, or this address or a group of it holds its share
  public Optional<Place> tryAcquire(InetAddress address) {
    return tryAcquire(address, 1);
  }

  /// As [#tryAcquire(String)], for something that takes several places at once.
  public Optional<Place> tryAcquire(String credential, int places) {
    return acquire(List.of(credential), places);
  }

  /// As [#tryAcquire(InetAddress)], for something that takes several places at once.
  public Optional<Place> tryAcquire(InetAddress address, int places) {
    return acquire(AddressGroup.of(address), places);
  }

  private Optional<Place> acquire(List<?> groups, int places) {
    return take(groups, places) ? Optional.of(new Place(groups, places)) : Optional.empty();
  }

  private synchronized boolean take(List<?> groups, int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one place");
    }
    for (Object group : groups) {
      long share = (long) allowance(group) * free;
      if (places > free || (long) held.getOrDefault(group, 0) + places > share) {
        return false;
      }
    }
    groups.forEach(group -> held.merge(group, places, Integer::sum));
    free -= places;
    return true;
  }

  private static int allowance(Object group) {
    return group instanceof AddressGroup block ? block.width().allowance() : 1;
  }

  private synchronized void release(List<?> groups, int places) {
    for (Object group : groups) {
      held.computeIfPresent(group, (same, had) -> had == places ? null : had - places);
    }
    free += places;
  }

  /// How many callers and groups of addresses hold places.
  synchronized int holders() {
    return held.size();
  }

  /// What a caller holds until it is released. Thread-safe.
  public final class Place {

    private final List<?> groups;
    private int places;

    private Place(List<?> groups, int places) {
      this.groups = groups;
      this.places = places;
    }

    /// Takes more places on the same conditions, to be released together with this one.
    ///
    /// @return false when it got none of them: too few are free, the caller holds its share, or
    ///   this was released before
    public boolean tryGrow(int more) {
      synchronized (Shares.this) {
        if (places == 0 || !take(groups, more)) {
          return false;
        }
        places += more;
        return true;
      }
    }

    /// Gives it back; does nothing when it was given back before.
    public void release() {
      synchronized (Shares.this) {
        if (places > 0) {
          Shares.this.release(groups, places);
          places = 0;
        }
      }
    }
  }
}
