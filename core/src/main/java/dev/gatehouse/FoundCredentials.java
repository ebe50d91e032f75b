package dev.gatehouse;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a request holds of each method, before anything of it is believed.
///
/// @param byMethod without the methods of which it holds nothing
/// @param first the method whose credential stands in the first place, by the order of [CredentialLocation];
///   null: there is none
/// @param ambiguous why it can't be told which credential counts; null: it can
record FoundCredentials(
    Map<Method, Presented> byMethod, @Nullable Method first, Outcome.@Nullable Rejected ambiguous) {

  /// Looks at all methods. Parses only.
  static FoundCredentials in(
      AuthRequest request, Policy policy, List<Authenticator> authenticators) {
    Map<Method, Presented> byMethod = new EnumMap<>(Method.class);
    Method first = null;
    CredentialLocation firstLocation = null;
    Set<CredentialLocation> claimed = EnumSet.noneOf(CredentialLocation.class);
    for (Authenticator authenticator : authenticators) {
      CredentialLocation location;
      Presented presented = authenticator.find(request, policy);
      switch (presented) {
        case Presented.None none -> {
          continue;
        }
        case Presented.Malformed malformed -> location = malformed.location();
        case Presented.Credential credential -> location = credential.location();
      }
      byMethod.put(authenticator.method(), presented);
      if (!claimed.add(location)) {
        return new FoundCredentials(byMethod, first, Rejections.TWO_CLAIMS);
      }
      if (firstLocation == null || location.compareTo(firstLocation) < 0) {
        first = authenticator.method();
        firstLocation = location;
      }
    }
    // RFC 9110 §11.6.2: Authorization is no list; which of two counts would be a guess.
    boolean twice = request.fields().values("Authorization").size() > 1;
    return new FoundCredentials(byMethod, first, twice ? Rejections.TWO_AUTHORIZATIONS : null);
  }

  /// Whether it is a parameter that only has the name of a credential, of a method that the route
  /// does not take.
  boolean isUpstreamParameter(Policy policy) {
    return byMethod.get(first) instanceof Presented.Malformed(CredentialLocation location, Outcome.Rejected why)
        && location == CredentialLocation.QUERY
        && !policy.methods().contains(first);
  }

  /// The credentials by which the policy judges the request. None: it is decided without them, or
  /// refused.
  List<Presented.Credential> judged(Policy policy) {
    if (first == null || ambiguous != null) {
      return List.of();
    }
    List<Presented.Credential> judged = new ArrayList<>();
    for (Method method : policy.alternativeFor(first, byMethod.keySet()).orElse(List.of())) {
      if (byMethod.get(method) instanceof Presented.Credential credential) {
        judged.add(credential);
      }
    }
    return judged;
  }
}
