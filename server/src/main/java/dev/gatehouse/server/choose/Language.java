package dev.gatehouse.server.choose;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A programming language with client code for every method.
public enum Language {
  CURL("curl", "sh"),
  JAVASCRIPT("JavaScript", "mjs"),
  PYTHON("Python", "py"),
  JAVA("Java", "java"),
  GO("Go", "go");

  private final String title;
  private final String extension;

  Language(String title, String extension) {
    this.title = title;
    this.extension = extension;
  }

  /// By which flags and forms name it.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// As people write it.
  public String title() {
    return title;
  }

  /// What its files' names end with, after the dot.
  public String extension() {
    return extension;
  }

  /// The one with that id; empty when there is none.
  public static Optional<Language> of(String id) {
    return Arrays.stream(values()).filter(language -> language.id().equals(id)).findFirst();
  }
}
