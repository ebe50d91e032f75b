package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.CrlIssuer;
import dev.gatehouse.mtls.RevocationList;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The CAs whose lists of revoked certificates are read, each with the file of its certificate.
///
/// Each of them needs a list. Lists of other CAs are refused: a genuine list in the wrong place
/// must not count as if the CA whose list is missing revoked nothing.
///
/// @param cas client CAs that need a list
/// @param issuers CAs that are no client CAs, and sign lists
record CrlSigners(Map<ClientCa, Path> cas, Map<CrlIssuer, Path> issuers) {

  private static final String NO_LIST_NEEDED =
      "name a file of that certificate alone in 'casWithoutCrl'";
  private static final String NO_ISSUER = "take the certificate out of 'crlIssuers'";

  /// Whether one of them signed the list; throws [IllegalArgumentException] if the one that did may
  /// not sign such a list.
  boolean isSignedByOneOf(RevocationList list) {
    return list.isSignedByOneOf(List.copyOf(cas.keySet()), List.copyOf(issuers.keySet()));
  }

  /// Whether the key of one of them signed the list.
  boolean anySigned(RevocationList list) {
    return Stream.concat(
            cas.keySet().stream().map(ClientCa::certificate),
            issuers.keySet().stream().map(CrlIssuer::certificate))
        .anyMatch(list::isSignedBy);
  }

  /// Demands a list of each of them.
  void requireLists(List<RevocationListRules.ListInFile> held) throws UnusableFileException {
    for (Map.Entry<ClientCa, Path> ca : cas.entrySet()) {
      requireList(ca.getKey().certificate(), ca.getValue(), held, NO_LIST_NEEDED);
    }
    for (Map.Entry<CrlIssuer, Path> issuer : issuers.entrySet()) {
      requireList(issuer.getKey().certificate(), issuer.getValue(), held, NO_ISSUER);
    }
  }

  private static void requireList(
      X509Certificate ca, Path file, List<RevocationListRules.ListInFile> held, String otherwise)
      throws UnusableFileException {
    if (held.stream().noneMatch(one -> one.list().isSignedBy(ca))) {
      throw new UnusableFileException(
          file,
          "holds a certificate of "
              + ca.getSubjectX500Principal().getName()
              + ", and no file of 'crls' holds a list that its key signed: name that list in"
              + " 'crls', or "
              + otherwise);
    }
  }
}
