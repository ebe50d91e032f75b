package dev.gatehouse.server.signin;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells an invited person about the invitation, and asks by which provider they want to sign in.
/// Showing the page does not spend the invitation.
///
/// @param email the address that the provider must vouch for; null: whoever has the link may come
/// @param expiresAt the first instant at which the invitation is no good
/// @param providers whose links take the invitation along
public record InvitedPage(
    @Nullable String email, Instant expiresAt, List<SignInPage.Provider> providers) {

  /// Keeps a copy of the list.
  public InvitedPage {
    providers = List.copyOf(providers);
  }

  /// Without the links, which hold the invitation.
  @Override
  public String toString() {
    return "InvitedPage";
  }
}
