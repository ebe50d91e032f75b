package dev.gatehouse.mtls;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.credential.InMemoryCredentialStore;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Keeps client certificates in memory. For tests, and for programs that register their callers at
/// the start. Nothing outlives the process. Never blocks for long; thread-safe.
public final class InMemoryClientCertificateStore
    extends InMemoryCredentialStore<StoredClientCertificate> implements ClientCertificateStore {

  private static final int MAX_OF_NAMES = 100;

  private final InMemoryRevocationFeed feed;
  private final List<StoredCa> ownCas = new ArrayList<>();

  /// An empty store. Its registrations belong to these accounts, and its changes go to their
  /// revocation feed.
  public InMemoryClientCertificateStore(InMemoryAccountStore accounts) {
    super(StoredClientCertificate.KIND, accounts);
    this.feed = accounts.feed();
  }

  @Override
  public List<OwnedCredential<StoredClientCertificate>> byNames(
      String ca, List<CertificateName> names) {
    return find(one -> one.material().ca().equals(ca) && names.contains(one.material().identity()))
        .stream()
        .limit(MAX_OF_NAMES)
        .toList();
  }

  @Override
  public List<OwnedCredential<StoredClientCertificate>> underAnyCa(CertificateName name) {
    return find(one -> one.material().identity().equals(name));
  }

  @Override
  public List<CrlEntry> crlEntries(String ca, Instant now, Instant expiredBefore) {
    return find(one -> one.material().ca().equals(ca)).stream()
        .flatMap(owned -> crlEntry(owned.credential(), now, expiredBefore).stream())
        .sorted(Comparator.comparing(CrlEntry::serial))
        .toList();
  }

  private static Optional<CrlEntry> crlEntry(
      IssuedCredential<StoredClientCertificate> one, Instant now, Instant expiredBefore) {
    StoredClientCertificate.Issued issued = one.material().issued();
    if (issued == null || issued.notAfter().isBefore(expiredBefore)) {
      return Optional.empty();
    }
    if (one.revokedAt() != null) {
      return Optional.of(new CrlEntry(issued.serial(), one.revokedAt(), false));
    }
    Instant end = one.terms().expiresAt();
    return one.successor() != null && end != null && !now.isBefore(end)
        ? Optional.of(new CrlEntry(issued.serial(), end, true))
        : Optional.empty();
  }

  @Override
  public List<StoredCa> ownCas() {
    return feed.read(() -> List.copyOf(ownCas));
  }

  @Override
  public boolean addOwnCa(StoredCa ca, int known) {
    return feed.change(
        change -> {
          if (ownCas.size() != known) {
            return false;
          }
          ownCas.add(
              new StoredCa(
                  ca.id(),
                  ca.certificate(),
                  ca.sealedKey(),
                  ca.createdAt().truncatedTo(ChronoUnit.MILLIS)));
          return true;
        });
  }
}
