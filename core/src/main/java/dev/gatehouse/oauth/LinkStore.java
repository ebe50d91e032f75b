package dev.gatehouse.oauth;

/// Where links to providers are kept. Thread-safe; every call may block.
public interface LinkStore {}
