package dev.gatehouse.mtls;

import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Client certificates in memory: for tests, and for a program that names its few callers itself.
///
/// Nothing survives the process, whatever the port promises of a crash.
public final class InMemoryClientCertificateStore implements ClientCertificateStore {

  private static final int MAX_OF_NAMES = 100;

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, StoredClientCertificate> byId = new TreeMap<>();
  private final List<StoredAuthority> authorities = new ArrayList<>();

  /// An empty store whose certificates belong to those accounts; it writes to their feed.
  public InMemoryClientCertificateStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public void add(StoredClientCertificate certificate) {
    feed.change(
        change -> {
          checkNew(certificate);
          put(certificate);
          forgetFingerprint(change, certificate);
          return certificate.id();
        });
  }

  @Override
  public List<Owned> byNames(String ca, List<CertificateName> names) {
    return feed.read(
        () ->
            byId.values().stream()
                .filter(one -> one.ca().equals(ca) && names.contains(one.identity()))
                .limit(MAX_OF_NAMES)
                .map(one -> new Owned(one, accounts.byId(one.owner()).orElseThrow()))
                .toList());
  }

  @Override
  public List<Owned> underAnyCa(CertificateName name) {
    return feed.read(
        () ->
            byId.values().stream()
                .filter(one -> one.identity().equals(name))
                .map(one -> new Owned(one, accounts.byId(one.owner()).orElseThrow()))
                .toList());
  }

  @Override
  public Optional<StoredClientCertificate> byId(String id) {
    return feed.read(() -> Optional.ofNullable(byId.get(id)));
  }

  @Override
  public List<StoredClientCertificate> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one certificate, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream()
                    .filter(one -> owner == null || owner.equals(one.owner()))
                    .limit(limit)
                    .toList());
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return feed.change(
        change -> {
          StoredClientCertificate one = byId.get(id);
          if (one == null || one.revokedAt() != null) {
            return false;
          }
          for (StoredClientCertificate each : revokedWith(one)) {
            put(each.with(each.expiresAt(), each.lastUsedAt(), at, each.successor()));
            change.forget(FeedEntry.Kind.CREDENTIAL, each.id());
          }
          forgetFingerprint(change, one);
          return true;
        });
  }

  @Override
  public boolean renew(String id, Instant endsAt, StoredClientCertificate successor) {
    return feed.change(
        change -> {
          StoredClientCertificate one = byId.get(id);
          if (one == null || one.revokedAt() != null || one.successor() != null) {
            return false;
          }
          checkNew(successor);
          Instant ownEnd = one.expiresAt();
          Instant end = ownEnd != null && ownEnd.isBefore(endsAt) ? ownEnd : endsAt;
          put(successor);
          put(one.with(end, one.lastUsedAt(), one.revokedAt(), successor.id()));
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public void purgeEnded(EndedRetention retention) {
    feed.read(
        () -> {
          Instant before =
              retention.forgottenBefore(
                  byId.values().stream().flatMap(one -> Stream.ofNullable(end(one))));
          boolean removed =
              byId.values()
                  .removeIf(
                      one -> {
                        Instant end = end(one);
                        return end != null && end.isBefore(before) && !isSuccessor(one.id());
                      });
          return removed;
        });
  }

  private boolean isSuccessor(String id) {
    return byId.values().stream().anyMatch(one -> id.equals(one.successor()));
  }

  private static @Nullable Instant end(StoredClientCertificate one) {
    if (one.issued() != null) {
      return one.issued().notAfter();
    }
    return one.identity().kind() == CertificateName.Kind.FINGERPRINT
        ? null
        : EndedRetention.end(one.revokedAt(), one.expiresAt());
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    feed.read(
        () -> {
          lastUsed.forEach(this::touch);
          return lastUsed;
        });
  }

  private void touch(String id, Instant at) {
    StoredClientCertificate one = byId.get(id);
    if (one == null) {
      return;
    }
    Instant before = one.lastUsedAt();
    if (before == null || before.isBefore(at)) {
      put(one.with(one.expiresAt(), at, one.revokedAt(), one.successor()));
    }
  }

  @Override
  public List<Ended> ended(String ca, Instant now, Instant endedBefore) {
    return feed.read(
        () ->
            byId.values().stream()
                .filter(one -> one.ca().equals(ca))
                .flatMap(one -> ended(one, now, endedBefore).stream())
                .sorted(Comparator.comparing(Ended::serial))
                .toList());
  }

  private static Optional<Ended> ended(
      StoredClientCertificate one, Instant now, Instant endedBefore) {
    StoredClientCertificate.Issued issued = one.issued();
    if (issued == null || issued.notAfter().isBefore(endedBefore)) {
      return Optional.empty();
    }
    if (one.revokedAt() != null) {
      return Optional.of(new Ended(issued.serial(), one.revokedAt(), false));
    }
    Instant end = one.expiresAt();
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

  private List<StoredClientCertificate> revokedWith(StoredClientCertificate one) {
    return one.identity().kind() == CertificateName.Kind.FINGERPRINT
        ? byId.values().stream()
            .filter(each -> each.identity().equals(one.identity()) && each.revokedAt() == null)
            .toList()
        : List.of(one);
  }

  private static void forgetFingerprint(
      InMemoryRevocationFeed.Change change, StoredClientCertificate certificate) {
    if (certificate.identity().kind() == CertificateName.Kind.FINGERPRINT) {
      change.forget(FeedEntry.Kind.CREDENTIAL, certificate.identity().toString());
    }
  }

  private void checkNew(StoredClientCertificate certificate) {
    if (accounts.byId(certificate.owner()).isEmpty()) {
      throw new IllegalArgumentException(
          "no account '" + certificate.owner() + "' owns the new client certificate");
    }
    if (byId.containsKey(certificate.id())
        || byId.values().stream()
            .anyMatch(
                one ->
                    one.revokedAt() == null
                        && one.ca().equals(certificate.ca())
                        && one.identity().equals(certificate.identity()))) {
      throw new IllegalArgumentException(
          "the client certificate '" + certificate.id() + "' is stored already");
    }
  }

  private void put(StoredClientCertificate certificate) {
    StoredClientCertificate.Issued issued = certificate.issued();
    byId.put(
        certificate.id(),
        new StoredClientCertificate(
            certificate.id(),
            certificate.owner(),
            certificate.name(),
            certificate.ca(),
            certificate.identity(),
            issued == null
                ? null
                : new StoredClientCertificate.Issued(
                    issued.serial(),
                    issued.notAfter().truncatedTo(ChronoUnit.MILLIS),
                    issued.pem()),
            certificate.scopes(),
            millis(certificate.expiresAt()),
            certificate.networks(),
            certificate.requestsPerMinute(),
            certificate.createdAt().truncatedTo(ChronoUnit.MILLIS),
            millis(certificate.lastUsedAt()),
            millis(certificate.revokedAt()),
            certificate.successor()));
  }

  private static @Nullable Instant millis(@Nullable Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS);
  }
}
