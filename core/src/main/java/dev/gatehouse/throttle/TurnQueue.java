package dev.gatehouse.throttle;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A queue that serves the callers that wait in it in turn (fair queuing).
///
/// Credentials and the widest groups of addresses have turns one after the other. So do the groups
/// within each group ([AddressGroup]), and the addresses within a subnet. So the elements of a site
/// delay those of another address by one, however many addresses the site has. The memory is
/// proportional to the number of elements. Not thread-safe.
///
/// @param <T> what waits; compared by `equals`
public final class TurnQueue<T> {

  // Stands for the gate itself, which has no caller.
  private static final Object NO_CALLER = "no caller";

  private final Node<T> all = new Node<>();

  private static final class Node<T> {

    // The first of them has the next turn. Either this or the elements are empty.
    private final Map<Object, Node<T>> parts = new LinkedHashMap<>();
    private final Deque<T> elements = new ArrayDeque<>();
    private int size;
  }

  /// An empty queue.
  public TurnQueue() {}

  /// Returns how many elements wait.
  public int size() {
    return all.size;
  }

  /// Adds an element after those of the same caller.
  ///
  /// @param whose the caller; null: the gate itself
  public void add(@Nullable Caller whose, T element) {
    Node<T> node = all;
    node.size++;
    for (Object part : path(whose)) {
      node = node.parts.computeIfAbsent(part, first -> new Node<>());
      node.size++;
    }
    node.elements.addLast(element);
  }

  /// Removes and returns the element that has the next turn; null if none waits.
  public @Nullable T poll() {
    return poll(element -> true);
  }

  /// As [#poll()], among the elements that may have a turn now. Of each caller, only the first
  /// element is tested.
  public @Nullable T poll(Predicate<? super T> mayNow) {
    return poll(all, mayNow);
  }

  private static <T> @Nullable T poll(Node<T> node, Predicate<? super T> mayNow) {
    T first = node.elements.peekFirst();
    if (first != null && mayNow.test(first)) {
      node.size--;
      return node.elements.removeFirst();
    }
    for (Iterator<Map.Entry<Object, Node<T>>> parts = node.parts.entrySet().iterator();
        parts.hasNext(); ) {
      Map.Entry<Object, Node<T>> part = parts.next();
      Object name = part.getKey();
      Node<T> child = part.getValue();
      T polled = poll(child, mayNow);
      if (polled != null) {
        node.size--;
        parts.remove();
        if (child.size > 0) {
          node.parts.put(name, child); // behind all the others
        }
        return polled;
      }
    }
    return null;
  }

  /// Removes an element; returns whether it was there.
  ///
  /// @param whose the caller with which it was added
  public boolean remove(@Nullable Caller whose, T element) {
    return remove(all, path(whose).iterator(), element);
  }

  private static <T> boolean remove(Node<T> node, Iterator<Object> path, T element) {
    boolean removed;
    if (path.hasNext()) {
      Object part = path.next();
      Node<T> child = node.parts.get(part);
      removed = child != null && remove(child, path, element);
      if (child != null && child.size == 0) {
        node.parts.remove(part);
      }
    } else {
      removed = node.elements.remove(element);
    }
    node.size -= removed ? 1 : 0;
    return removed;
  }

  /// Removes and returns the last element of the largest group, and within it of the largest group.
  /// Among groups of the same size it chooses that of the given caller, so that no other caller
  /// loses, and otherwise the one whose turn comes last.
  ///
  /// @param newcomer the caller whose element was added last
  /// @return null if none waits
  public @Nullable T removeFromLargest(@Nullable Caller newcomer) {
    return all.size == 0 ? null : removeFromLargest(all, path(newcomer));
  }

  private static <T> T removeFromLargest(Node<T> node, List<Object> path) {
    node.size--;
    if (node.parts.isEmpty()) {
      return node.elements.removeLast();
    }
    Object newcomers = path.isEmpty() ? null : path.getFirst();
    Map.Entry<Object, Node<T>> largest = null;
    for (Map.Entry<Object, Node<T>> part : node.parts.entrySet()) {
      int size = part.getValue().size;
      if (largest == null
          || size > largest.getValue().size
          || (size == largest.getValue().size && !largest.getKey().equals(newcomers))) {
        largest = part;
      }
    }
    Object name = Objects.requireNonNull(largest).getKey();
    Node<T> child = largest.getValue();
    T removed =
        removeFromLargest(child, name.equals(newcomers) ? path.subList(1, path.size()) : List.of());
    if (child.size == 0) {
      node.parts.remove(name);
    }
    return removed;
  }

  /// Removes all elements, and calls the consumer with each.
  public void clear(Consumer<? super T> removed) {
    for (T next = poll(); next != null; next = poll()) {
      removed.accept(next);
    }
  }

  private static List<Object> path(@Nullable Caller caller) {
    if (caller == null) {
      return List.of(NO_CALLER);
    }
    List<Object> path = new ArrayList<>(Shares.groups(caller));
    if (path.size() > 1) {
      path.add(caller);
    }
    return path;
  }
}
