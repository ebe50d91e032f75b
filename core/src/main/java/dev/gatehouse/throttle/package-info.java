/// Limits what callers may use: failed attempts by address
/// ([dev.gatehouse.throttle.FailedAttempts]) and by sign-in name
/// ([dev.gatehouse.throttle.SignInAttempts]), uses of a credential
/// ([dev.gatehouse.throttle.RateLimits]), and shares of places and turns
/// ([dev.gatehouse.throttle.Shares], [dev.gatehouse.throttle.Turns]).
/// [dev.gatehouse.throttle.SingleFlight] does identical work once.
package dev.gatehouse.throttle;
