package dev.gatehouse.oauth;

/// Where invitations are kept. Thread-safe; every call may block.
public interface InvitationStore {}
