package dev.gatehouse.server.config;

/// How passwords are kept.
///
/// @param argon2id Argon2id in place of bcrypt
/// @param bcryptCost the binary logarithm of its rounds
/// @param minLength of a new password, in characters
public record PasswordConfig(boolean argon2id, int bcryptCost, int minLength) {

  static final PasswordConfig DEFAULT = new PasswordConfig(false, 12, 12);
}
