package dev.gatehouse.server.signin;

import dev.gatehouse.account.Accounts;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.session.Sessions;
import java.time.Clock;

/// The services behind the paths where people sign in and manage their account.
public record SignInServices(
    Accounts accounts, Passwords passwords, Sessions sessions, Clock clock) {}
