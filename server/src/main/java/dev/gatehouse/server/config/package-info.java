/// `gatehouse.yaml`: records with defaults, and a reader that reports every mistake with its line
/// and what to do about it.
package dev.gatehouse.server.config;
