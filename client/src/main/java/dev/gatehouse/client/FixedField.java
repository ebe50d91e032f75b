package dev.gatehouse.client;

import java.util.Map;

/// A credential that is the same for every request. Its text form contains no secret.
final class FixedField implements Credential {

  private final String kind;
  private final Map<String, String> fields;

  FixedField(String kind, String name, String value) {
    this.kind = kind;
    this.fields = Map.of(name, value);
  }

  @Override
  public Map<String, String> fields(OutgoingRequest request) {
    return fields;
  }

  @Override
  public String toString() {
    return kind + "[…]";
  }
}
