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

  /// Its name in flags and forms.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Its name for people.
  public String title() {
    return title;
  }

  /// The extension of its files.
  public String extension() {
    return extension;
  }

  /// The language with that id; empty if there is none.
  public static Optional<Language> of(String id) {
    return Arrays.stream(values()).filter(language -> language.id().equals(id)).findFirst();
  }
}
