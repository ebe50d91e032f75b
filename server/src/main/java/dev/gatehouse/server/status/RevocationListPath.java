package dev.gatehouse.server.status;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.tls.OwnAuthority;
import io.vertx.core.buffer.Buffer;
import java.security.cert.CRLException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Publishes the list of certificates that the gate's own CA revoked, for others who trust that CA
/// (RFC 5280 §5).
public final class RevocationListPath {

  /// Its path. RFC 8615 §3: a well-known path is at the root, whatever the prefix.
  public static final String PATH = "/.well-known/gatehouse/clients.crl";

  // If the list were signed for each request, callers could load the store.
  private static final Duration REBUILD_INTERVAL = Duration.ofSeconds(10);

  private record Signed(Buffer list, long atNanos) {}

  private final Admissions admissions;
  private final OwnAuthority own;
  private volatile @Nullable Signed last;

  /// @param admissions of the gate's own paths
  public RevocationListPath(Admissions admissions, OwnAuthority own) {
    this.admissions = admissions;
    this.own = own;
  }

  /// The path with its handler.
  public Map<String, OwnPath> path() {
    return Map.of(PATH, (arrival, path) -> serve(arrival));
  }

  private sealed interface Found {
    record List(Buffer der) implements Found {}

    record Refused(Refusal refusal) implements Found {}
  }

  private void serve(Arrival arrival) {
    String method = arrival.auth().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      arrival.http().response().putHeader("Allow", "GET, HEAD");
      Answers.refuse(
          arrival.http(),
          Refusal.of(
              arrival.auth(),
              Reason.METHOD_NOT_ALLOWED,
              "This path is read with GET",
              "not a GET"));
      return;
    }
    arrival.http().pause();
    admissions.<Found>work(
        arrival.auth(),
        () -> find(arrival),
        Found.Refused::new,
        found -> {
          switch (found) {
            case Found.Refused(Refusal refusal) -> Answers.refuse(arrival.http(), refusal);
            case Found.List(Buffer der) -> {
              arrival
                  .http()
                  .response()
                  // RFC 2585 §4.2.
                  .putHeader("Content-Type", "application/pkix-crl")
                  .putHeader("Cache-Control", "public, max-age=60");
              Answers.end(arrival.http(), der.copy());
            }
          }
        });
  }

  private Found find(Arrival arrival) {
    Signed signed = last;
    if (signed == null || System.nanoTime() - signed.atNanos > REBUILD_INTERVAL.toNanos()) {
      try {
        signed = new Signed(Buffer.buffer(own.list().getEncoded()), System.nanoTime());
      } catch (StoreUnavailableException unavailable) {
        return new Found.Refused(
            Refusal.of(
                arrival.auth(),
                Reason.UNAVAILABLE,
                "The list can't be made now",
                unavailable.toString()));
      } catch (CRLException impossible) {
        throw new IllegalStateException("what was signed can be written", impossible);
      }
      last = signed;
    }
    return new Found.List(signed.list);
  }
}
