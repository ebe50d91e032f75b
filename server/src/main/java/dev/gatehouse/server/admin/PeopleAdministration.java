package dev.gatehouse.server.admin;

import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import java.util.function.Supplier;

/// What the admin API manages of people who sign in with providers.
///
/// @param anyProvider whether one is configured: without, an invitation leads nowhere
/// @param invitedPage the address of the page where an invitation leads
public record PeopleAdministration(
    Links links, Invitations invitations, boolean anyProvider, Supplier<String> invitedPage) {}
