/// Passwords of people: what Basic and every sign-in share.
///
/// A password is read once, in one form ([dev.gatehouse.password.PresentedPassword]), hashed on
/// threads of its own ([dev.gatehouse.password.PasswordHashes]), and kept with nobody's text.
package dev.gatehouse.password;
