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

/// Client certificates in memory: for tests, and for a program that names its few callers itself.
public final class InMemoryClientCertificateStore
    extends InMemoryCredentialStore<StoredClientCertificate> implements ClientCertificateStore {

  private static final int MAX_OF_NAMES = 100;

  private final InMemoryRevocationFeed feed;
  private final List<StoredAuthority> authorities = new ArrayList<>();

  /// An empty store whose certificates belong to those accounts; it writes to their feed.
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
  public List<Ended> ended(String ca, Instant now, Instant endedBefore) {
    return find(one -> one.material().ca().equals(ca)).stream()
        .flatMap(owned -> ended(owned.credential(), now, endedBefore).stream())
        .sorted(Comparator.comparing(Ended::serial))
        .toList();
  }

  private static Optional<Ended> ended(
      IssuedCredential<StoredClientCertificate> one, Instant now, Instant endedBefore) {
    StoredClientCertificate.Issued issued = one.material().issued();
    if (issued == null || issued.notAfter().isBefore(endedBefore)) {
      return Optional.empty();
    }
    if (one.revokedAt() != null) {
      return Optional.of(new Ended(issued.serial(), one.revokedAt(), false));
    }
    Instant end = one.terms().expiresAt();
    return one.successor() != null && end != null && !now.isBefore(end)
        ? Optional.of(new Ended(issued.serial(), end, true))
        : Optional.empty();
  }

  @Override
  public List<StoredAuthority> authorities() {
    return feed.read(() -> List.copyOf(authorities));
  }

  @Override
  public boolean addAuthority(StoredAuthority authority, int known) {
    return feed.change(
        change -> {
          if (authorities.size() != known) {
            return false;
          }
          authorities.add(
              new StoredAuthority(
                  authority.id(),
                  authority.certificate(),
                  authority.sealedKey(),
                  authority.createdAt().truncatedTo(ChronoUnit.MILLIS)));
          return true;
        });
  }
}
