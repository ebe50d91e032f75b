package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The result of validating a chain of certificates at one instant. Immutable.
public sealed interface ChainVerdict {

  /// A valid certification path from a client CA to the client's certificate.
  ///
  /// @param ca the client CA at which the path begins
  /// @param endsAt the first instant at which the path is not valid any more: a certificate of the
  ///   path has expired, or a list of revoked certificates is past its next update
  /// @param certificates the certificates below the CA; the client's certificate is the last one
  record Path(ClientCa ca, Instant endsAt, List<X509Certificate> certificates) {

    /// Copies the list.
    public Path {
      certificates = List.copyOf(certificates);
    }
  }

  /// There is at least one valid path.
  ///
  /// @param leaf the client's certificate, as the JDK parses it
  /// @param paths one path for each client CA to which the chain leads; at least one
  record Valid(X509Certificate leaf, List<Path> paths) implements ChainVerdict {

    /// Copies the paths.
    public Valid {
      paths = List.copyOf(paths);
    }

    /// The first instant at which one of the paths is not valid any more.
    public Instant endsAt() {
      return paths.stream().map(Path::endsAt).min(Comparator.naturalOrder()).orElseThrow();
    }

    /// Returns true if one of the paths begins at the CA with this id.
    boolean leadsTo(String ca) {
      return paths.stream().anyMatch(path -> path.ca().id().equals(ca));
    }

    /// The first instant at which the path of the CA with this id is not valid any more. Throws
    /// [java.util.NoSuchElementException] if there is no such path.
    Instant endsAt(String ca) {
      return path(ca).map(Path::endsAt).orElseThrow();
    }

    /// The path that begins at the CA with this id; empty if there is none.
    Optional<Path> path(String ca) {
      return paths.stream().filter(path -> path.ca().id().equals(ca)).findFirst();
    }
  }

  /// There is no valid path.
  ///
  /// @param cause the reason, for operators
  record Invalid(String cause) implements ChainVerdict {}
}
