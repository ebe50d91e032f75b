package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Authenticates a caller by the signature of its request.
///
/// Each configured [SignatureProfile] looks for a signature in its format. If two profiles find
/// one, the request is refused as ambiguous. What was found verifies itself: see the profiles. Asks
/// no store while it looks for a signature. Thread-safe.
public final class HmacAuthenticator implements Authenticator {

  private static final String SCHEME = "Signature";

  private final HmacSettings settings;
  private final List<SignatureProfile> profiles;

  /// Accepts signatures in the formats of these profiles.
  public HmacAuthenticator(HmacSettings settings, List<SignatureProfile> profiles) {
    this.settings = settings;
    this.profiles = List.copyOf(profiles);
  }

  @Override
  public Method method() {
    return Method.HMAC;
  }

  @Override
  public Set<String> fields() {
    return profiles.stream()
        .flatMap(profile -> profile.fields().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Set<String> schemes() {
    return profiles.stream()
        .flatMap(profile -> profile.schemes().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return Challenge.of(SCHEME, settings.realm());
  }

  @Override
  public Map<String, String> challengeFields(Policy policy) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (policy.webhook() != null) {
      return fields; // A vendor signs in one format, and asks for none.
    }
    profiles.forEach(profile -> fields.putAll(profile.challengeFields()));
    return fields;
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return null;
  }

  /// Returns the signature of the one profile that finds one. Returns [Presented.Malformed] with
  /// [Reason#AMBIGUOUS_CREDENTIALS] if two profiles find something. Does not block.
  @Override
  public Presented find(AuthRequest request, Policy policy) {
    Presented found = Presented.None.INSTANCE;
    for (SignatureProfile profile : profiles) {
      Presented presented = profile.find(request, policy);
      if (presented instanceof Presented.None) {
        continue;
      }
      if (!(found instanceof Presented.None)) {
        return new Presented.Malformed(first(found, presented), TWO_SIGNATURES);
      }
      found = presented;
    }
    return found;
  }

  private static CredentialLocation first(Presented one, Presented other) {
    CredentialLocation left = location(one);
    CredentialLocation right = location(other);
    return left.compareTo(right) <= 0 ? left : right;
  }

  private static CredentialLocation location(Presented presented) {
    return switch (presented) {
      case Presented.Credential credential -> credential.location();
      case Presented.Malformed malformed -> malformed.location();
      case Presented.None none -> CredentialLocation.SIGNATURE_FIELD;
    };
  }

  private static final Outcome.Rejected TWO_SIGNATURES =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "The request is signed in more than one way: sign it in one",
          "signatures of two profiles");
}
