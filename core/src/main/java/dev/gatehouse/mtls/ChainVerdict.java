package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a chain of certificates is worth at one instant.
public sealed interface ChainVerdict {

  /// A valid path from a client CA down to the client's certificate.
  ///
  /// @param ca where the path begins
  /// @param endsAt the first instant at which a certificate of the path is past its end, or a list
  ///   of revoked certificates past its next update
  /// @param certificates those below the CA, the client's own last
  record Path(ClientCa ca, Instant endsAt, List<X509Certificate> certificates) {

    /// Copies the list.
    public Path {
      certificates = List.copyOf(certificates);
    }
  }

  /// It leads to client CAs, and nothing stands against it.
  ///
  /// @param leaf the client's own, as the JDK reads it
  /// @param paths one for each client CA to which it leads, at least one
  record Valid(X509Certificate leaf, List<Path> paths) implements ChainVerdict {

    /// Copies the paths.
    public Valid {
      paths = List.copyOf(paths);
    }

    /// The first instant at which one of the paths ends.
    public Instant endsAt() {
      return paths.stream().map(Path::endsAt).min(Comparator.naturalOrder()).orElseThrow();
    }

    /// Whether one of the paths begins at the CA of that id.
    boolean leadsTo(String ca) {
      return paths.stream().anyMatch(path -> path.ca().id().equals(ca));
    }

    /// When the path to the CA of that id ends; throws [java.util.NoSuchElementException] when
    /// there is none.
    Instant endsAt(String ca) {
      return path(ca).map(Path::endsAt).orElseThrow();
    }

    /// The path to the CA of that id.
    Optional<Path> path(String ca) {
      return paths.stream().filter(path -> path.ca().id().equals(ca)).findFirst();
    }
  }

  /// It does not.
  ///
  /// @param cause for operators
  record Invalid(String cause) implements ChainVerdict {}
}
