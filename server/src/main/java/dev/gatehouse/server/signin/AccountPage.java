package dev.gatehouse.server.signin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The account page: shows a person's name and items, and lets the person end them.
///
/// @param name by which the person signs in
/// @param email null: none is known
/// @param hasPassword whether there is one to change
/// @param notice a sentence about what went well before, if any
/// @param sections what is theirs, kind by kind
/// @param linkable providers that they could link
public record AccountPage(
    String name,
    @Nullable String email,
    boolean hasPassword,
    @Nullable String notice,
    List<Section> sections,
    List<Linkable> linkable) {

  /// Keeps copies of the lists.
  public AccountPage {
    sections = List.copyOf(sections);
    linkable = List.copyOf(linkable);
  }

  /// The items of one kind.
  ///
  /// @param id of the section in the page
  /// @param none the text if there are no items; null: the section is left out
  /// @param more whether there are more items than are shown
  public record Section(
      String id, String heading, @Nullable String none, List<Entry> entries, boolean more) {

    /// Keeps a copy of the list.
    public Section {
      entries = List.copyOf(entries);
    }
  }

  /// One item that can be ended.
  ///
  /// @param id public
  /// @param name by which the person recognises it
  /// @param mark what is special about it; null: nothing
  /// @param verb the text of its button
  /// @param confirmed whether a page asks for confirmation
  public record Entry(
      String id,
      String name,
      @Nullable String mark,
      List<Fact> facts,
      String verb,
      boolean confirmed) {

    /// Keeps a copy of the list.
    public Entry {
      facts = List.copyOf(facts);
    }
  }

  /// A property of an item.
  ///
  /// @param time the instant that the text describes (RFC 3339); null: it describes none
  public record Fact(String name, String text, @Nullable String time) {}

  /// A provider that the person has not linked.
  ///
  /// @param label its name for people
  /// @param action the address to which its form is posted
  public record Linkable(String label, String action) {

    /// Throws [IllegalArgumentException] where the path may lead to another origin.
    public Linkable {
      PageLink.requireOwnPath(action);
    }
  }
}
