package dev.gatehouse.mtls;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A client certificate, or all certificates of a name, that a CA vouches for: registered to an
/// account.
///
/// @param id public: audit records, logs and the upstream name it by it
/// @param owner the id of the account that it acts for
/// @param name for people
/// @param ca the id of the client CA ([ClientCa#id]): the identity counts only together with it
/// @param issued what this gate's own CA issued; null: another CA's
/// @param scopes at most these of the owner's
/// @param expiresAt the first instant at which it is refused; null: when the certificate ends
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
/// @param lastUsedAt accurate to about a minute; null: never used
/// @param revokedAt null: not revoked
/// @param successor the id of the one that replaced it; null: none
public record StoredClientCertificate(
    String id,
    String owner,
    String name,
    String ca,
    CertificateName identity,
    @Nullable Issued issued,
    Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute,
    Instant createdAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt,
    @Nullable String successor) {

  /// A certificate of the gate's own CA.
  ///
  /// @param serial in lower-case hex
  /// @param notAfter the end that stands in it
  /// @param pem the certificate
  public record Issued(String serial, Instant notAfter, String pem) {

    /// Names the serial only.
    @Override
    public String toString() {
      return "Issued[" + serial + "]";
    }
  }

  /// Copies the list.
  public StoredClientCertificate {
    networks = List.copyOf(networks);
  }

  StoredClientCertificate with(
      @Nullable Instant end,
      @Nullable Instant used,
      @Nullable Instant revoked,
      @Nullable String next) {
    return new StoredClientCertificate(
        id,
        owner,
        name,
        ca,
        identity,
        issued,
        scopes,
        end,
        networks,
        requestsPerMinute,
        createdAt,
        used,
        revoked,
        next);
  }
}
