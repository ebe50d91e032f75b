package dev.gatehouse.oauth;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A person's identity at a provider. Make one only after everything about the provider's answer
/// was verified. Immutable.
///
/// @param provider the name of the provider in the configuration
/// @param issuer identifies a person together with the subject. GitHub's is `https://github.com`
/// @param subject never given to anybody else by that issuer (OpenID Connect Core §2). GitHub's is
///   the number of the account, since names can be given to somebody else
/// @param email the e-mail address; null: the provider sent none
/// @param emailVerified whether the provider says that it verified the address
/// @param label a name or an address by which the person knows the identity; untrusted text
/// @param organisations the person's organisations at the provider
public record VerifiedIdentity(
    String provider,
    String issuer,
    String subject,
    @Nullable String email,
    boolean emailVerified,
    String label,
    SortedSet<String> organisations) {

  /// The longest subject (OpenID Connect Core §2: 255 ASCII characters).
  public static final int MAX_SUBJECT = 255;

  private static final int MAX_ISSUER = 512;

  /// Copies the set. Throws [IllegalArgumentException] if the issuer or the subject is empty, is
  /// too long, or contains anything but printable ASCII: a store might change it, and it would then
  /// be another person's.
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

  /// Names only the provider and the subject.
  @Override
  public String toString() {
    return "VerifiedIdentity[" + provider + " " + subject + "]";
  }
}
