package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A bounded number of places that callers share in such a way that no caller takes all of them.
///
/// A caller gets a place as long as it holds fewer places than are free. So one caller gets at most
/// half of all places, two get a third each, and as much remains for all others. The last eighth of
/// the places is for callers that hold none, and each of them gets one. So a few callers never take
/// all places: of 1000 places, three callers can take 875 one after the other, and each of the
/// others needs another caller.
///
/// A caller is a credential, or an address with its groups. A wider [AddressGroup] may hold a
/// multiple of the free places, and of the last eighth as many places as its allowance.
///
/// The memory is proportional to the number of places that are held. Thread-safe; never blocks.
public final class Shares {

  // This part of the places is for callers that hold none.
  private static final int RESERVED_DIVISOR = 8;

  private final int reserved;
  // Guarded by this. By credential or AddressGroup; only those who hold places are here.
  private final Map<Object, Integer> held = new HashMap<>();
  private int free;

  /// @param places how many places there are; at least one
  public Shares(int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one place");
    }
    this.free = places;
    this.reserved = places / RESERVED_DIVISOR;
  }

  /// Acquires a place for a caller.
  ///
  /// @return empty if all places are taken, or if this caller or a group of its address holds its
  ///   share
  public Optional<Place> tryAcquire(Caller caller) {
    return tryAcquire(caller, 1);
  }

  /// As [#tryAcquire(Caller)], for something that takes several places at once.
  public Optional<Place> tryAcquire(Caller caller, int places) {
    return acquire(groups(caller), places);
  }

  /// As [#tryAcquire(Caller)], for a caller whose address only is known.
  public Optional<Place> tryAcquire(InetAddress address) {
    return tryAcquire(address, 1);
  }

  /// As [#tryAcquire(InetAddress)], for something that takes several places at once.
  public Optional<Place> tryAcquire(InetAddress address, int places) {
    return acquire(AddressGroup.of(address), places);
  }

  /// Returns what the places of a caller are counted by: a credential, or the groups of an address,
  /// the widest first.
  static List<?> groups(Caller caller) {
    return switch (caller) {
      case Caller.Credential credential -> List.of(credential);
      case Caller.Address(InetAddress address) -> AddressGroup.of(address);
    };
  }

  private Optional<Place> acquire(List<?> groups, int places) {
    return take(groups, places) ? Optional.of(new Place(groups, places)) : Optional.empty();
  }

  private synchronized boolean take(List<?> groups, int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one place");
    }
    for (Object group : groups) {
      int allowance = allowance(group);
      int has = held.getOrDefault(group, 0);
      boolean aboveShare = (long) has + places > (long) allowance * free;
      boolean ofReserved = free - places < reserved && has >= allowance;
      if (places > free || aboveShare || ofReserved) {
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

  /// Whether no place is free.
  synchronized boolean isFull() {
    return free == 0;
  }

  /// Returns how many callers and groups of addresses hold places.
  synchronized int holders() {
    return held.size();
  }

  /// The places that a caller holds until it releases them. Thread-safe.
  public final class Place {

    private final List<?> groups;
    private int places;

    private Place(List<?> groups, int places) {
      this.groups = groups;
      this.places = places;
    }

    /// Takes more places on the same conditions. They are released together with this one.
    ///
    /// @return false if none was taken: too few are free, the caller holds its share, or this was
    ///   released
    public boolean tryGrow(int more) {
      synchronized (Shares.this) {
        if (places == 0 || !take(groups, more)) {
          return false;
        }
        places += more;
        return true;
      }
    }

    /// Gives the places back. Does nothing if they were given back before.
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
