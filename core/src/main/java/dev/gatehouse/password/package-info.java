/// Passwords of people, for Basic and for every sign-in.
///
/// A password is parsed into one form ([dev.gatehouse.password.PresentedPassword]), hashed on
/// separate threads ([dev.gatehouse.password.PasswordHashes]) and stored as a slow, salted hash.
/// [dev.gatehouse.password.Passwords] verifies, sets and resets passwords;
/// [dev.gatehouse.password.PasswordStore] is the port to storage.
package dev.gatehouse.password;
