package dev.gatehouse;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The credentials that a request presents, by method, before any of them is verified.
///
/// @param byMethod only methods of which the request presents something
/// @param first the method whose credential comes first in the order of [CredentialLocation]; null:
///   there is none
/// @param ambiguous why it is not clear which credential counts; null: it is clear
record FoundCredentials(
    Map<Method, Presented> byMethod, @Nullable Method first, Outcome.@Nullable Rejected ambiguous) {

  /// Asks each authenticator. Parses only.
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
    // RFC 9110 §11.6.2: Authorization is not a list. With two fields, the gate would have to guess.
    boolean twice = request.fields().values("Authorization").size() > 1;
    return new FoundCredentials(byMethod, first, twice ? Rejections.TWO_AUTHORIZATIONS : null);
  }

  /// Whether the first finding is only a query parameter that has the name of a credential, for a
  /// method that the route does not accept.
  boolean isUpstreamParameter(Policy policy) {
    return byMethod.get(first)
            instanceof Presented.Malformed(CredentialLocation location, Outcome.Rejected why)
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
