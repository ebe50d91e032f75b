package dev.gatehouse.server.provider;

import dev.gatehouse.oauth.ProvenIdentity;
import dev.gatehouse.oauth.ProviderToken;

/// Who somebody is, and what the provider issued to act for them there.
public record Proven(ProvenIdentity who, ProviderToken token) {}
