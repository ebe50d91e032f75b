package dev.gatehouse.oauth;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who somebody is, as a provider vouches: made only when everything about its answer was verified.
///
/// @param provider what the configuration calls it
/// @param issuer with the subject, what a person is known by. GitHub's is `https://github.com`
/// @param subject never given to anybody else by that issuer (OpenID Connect Core §2). GitHub's is
///   the number of the account, since its names are given anew
/// @param email as the provider tells it; null: it tells none
/// @param emailVerified whether the provider says that it made sure of the address
/// @param label what the person would know the identity by, as a name or an address; untrusted text
/// @param organisations that the person belongs to at the provider
public record VerifiedIdentity(
    String provider,
    String issuer,
    String subject,
    @Nullable String email,
    boolean emailVerified,
    String label,
    SortedSet<String> organisations) {

  /// The longest subject (OpenID Connect Core §2 allows 255 ASCII characters).
  public static final int MAX_SUBJECT = 255;

  private static final int MAX_ISSUER = 512;

  /// Copies the set. Throws [IllegalArgumentException] for an issuer or a subject that is empty,
  /// too long, or holds anything but visible ASCII characters and spaces: what a store would not
  /// keep as it came could become somebody else.
  public VerifiedIdentity {
    check("an issuer", issuer, MAX_ISSUER);
    check("a subject", subject, MAX_SUBJECT);
    organisations = Collections.unmodifiableSortedSet(new TreeSet<>(organisations));
  }

  private static void check(String what, String text, int most) {
    if (text.isEmpty()
        || text.length() > most
        || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(what + " has 1 to " + most + " ASCII characters");
    }
  }

  /// Names the provider and the subject only.
  @Override
  public String toString() {
    return "VerifiedIdentity[" + provider + " " + subject + "]";
  }
}
