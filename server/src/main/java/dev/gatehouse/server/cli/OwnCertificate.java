package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.AtomicFile;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.tls.SigningRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A client certificate that the gate's own CA issues to a service of its own, and keeps with its
/// key in the data folder: for the demo.
///
/// @param account the service's name
/// @param scopes what it needs
record OwnCertificate(String account, Scopes scopes) {

  private static final String CERTIFICATE = "client.crt";
  private static final String KEY = "client.key";
  private static final Duration RENEWED_BEFORE = Duration.ofDays(7);
  private static final int MOST = 100;

  /// Where the certificate and its key are.
  record Shown(Path certificate, Path key) {}

  /// The certificate in that folder as long as it is good, else a new one.
  ///
  /// A service that was disabled, or lost a scope, stays so: the certificate is issued to another,
  /// whose name has a number.
  Shown in(DataFolder folder, Accounts accounts, ClientCertificates certificates, Instant now) {
    Shown files = new Shown(folder.file(CERTIFICATE), folder.file(KEY));
    for (int number = 1; ; number++) {
      String owner = number == 1 ? account : account + "-" + number;
      Optional<Account> found = accounts.find(owner);
      if (found.isEmpty()) {
        var _ = accounts.add(Account.Kind.SERVICE, owner, null, Set.of(), scopes);
        issue(owner, files, certificates);
        return files;
      }
      if (!found.get().disabled() && accounts.scopesOf(found.get()).containsAll(scopes)) {
        if (!isValid(files, certificates.list(found.get().id(), null, MOST), now)) {
          issue(owner, files, certificates);
        }
        return files;
      }
    }
  }

  private static boolean isValid(
      Shown files, List<IssuedCredential<StoredClientCertificate>> issued, Instant now) {
    String kept = AtomicFile.readPrivate(files.key).isPresent() ? text(files.certificate) : "";
    return issued.stream()
        .filter(one -> one.revokedAt() == null && one.material().issued() != null)
        .filter(one -> Objects.requireNonNull(one.material().issued()).pem().equals(kept))
        .anyMatch(one -> !one.terms().isOver(now.plus(RENEWED_BEFORE)));
  }

  // A damaged file is as good as none: it is written anew.
  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException missing) {
      return "";
    }
  }

  private void issue(String owner, Shown files, ClientCertificates certificates) {
    KeyPair pair = SigningRequest.newKeyPair();
    switch (certificates.issue(
        new CredentialRequest(owner, "demo", scopes, null, List.of(), null), pair.getPublic())) {
      case CredentialIssuance.Issued<StoredClientCertificate> issued -> {
        // The key goes first: whatever a crash leaves behind is no certificate of ours.
        AtomicFile.writePrivate(files.key, SigningRequest.privateKeyPem(pair));
        AtomicFile.writePublic(
            files.certificate,
            Objects.requireNonNull(issued.credential().material().issued()).pem());
      }
      case CredentialIssuance.Refused<StoredClientCertificate>(String why) ->
          throw new StartupException("no certificate could be issued to '" + owner + "': " + why);
      case CredentialIssuance.NotFound<StoredClientCertificate> none ->
          throw new AssertionError("issuing finds nothing");
    }
  }
}
