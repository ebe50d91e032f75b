package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Carrier;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdmissionsTest {

  private static final int PLACES = 4;
  private static final Policy ANY = Policy.accepting(Method.BASIC, Method.API_KEY);

  private final CompletableFuture<Void> hashed = new CompletableFuture<>();
  private final Vertx vertx = Vertx.vertx();
  private final Context eventLoop = vertx.getOrCreateContext();
  private final Admissions admissions =
      new Admissions(
          Gate.inProcess(
              new InMemoryRevocationFeed(Clock.systemUTC()),
              1_000,
              new Known(Method.BASIC, Carrier.AUTHORIZATION, "Authorization", true),
              new Known(Method.API_KEY, Carrier.API_KEY_FIELD, "X-API-Key", false)),
          PLACES);

  @AfterEach
  void end() throws Exception {
    hashed.complete(null);
    admissions.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void pitfall22AFloodOfSlowHashesTakesNoPlaceFromOtherCallers() throws Exception {
    List<CompletableFuture<Decision>> flood = new ArrayList<>();
    for (int i = 0; i < 10 * PLACES; i++) {
      flood.add(ask("Authorization"));
    }
    assertThat(ask("X-API-Key").get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    hashed.complete(null);
    long admitted = 0;
    for (CompletableFuture<Decision> one : flood) {
      switch (one.get(20, TimeUnit.SECONDS)) {
        case Decision.Admitted there -> admitted++;
        case Decision.Refused(Refusal refusal) ->
            assertThat(refusal.reason()).isEqualTo(Reason.UNAVAILABLE);
      }
    }
    assertThat(admitted).isEqualTo(PLACES / 2);
  }

  @Test
  void pitfall22AFloodOfSlowHashesTakesNoPlaceFromTheGatesOwnWork() throws Exception {
    for (int i = 0; i < 10 * PLACES; i++) {
      var _ = ask("Authorization");
    }
    assertThat(work(() -> "ready").get(20, TimeUnit.SECONDS)).isEqualTo("ready");
  }

  @Test
  void pitfall4WorkThatBreaksInAnyWayIsAnsweredWith503() throws Exception {
    for (Throwable broken : List.of(new IllegalStateException(), new StackOverflowError())) {
      assertThat(work(() -> thrown(broken)).get(20, TimeUnit.SECONDS)).isEqualTo("UNAVAILABLE");
    }
  }

  private static String thrown(Throwable broken) {
    if (broken instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) broken;
  }

  private CompletableFuture<Decision> ask(String field) {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    eventLoop.runOnContext(v -> admissions.ask(request(field), ANY, decision::complete));
    return decision;
  }

  private CompletableFuture<String> work(Supplier<String> work) {
    CompletableFuture<String> result = new CompletableFuture<>();
    eventLoop.runOnContext(
        v ->
            admissions.work(
                request("X-API-Key"), work, refusal -> refusal.reason().code(), result::complete));
    return result;
  }

  private static AuthRequest request(String field) {
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of(field, List.of("something"))),
        InetAddress.getLoopbackAddress());
  }

  /// Knows everybody who sends its field, and forgets at once; when it is slow, it has to wait.
  private final class Known implements Authenticator {

    private final Method method;
    private final Carrier carrier;
    private final String field;
    private final boolean slow;

    Known(Method method, Carrier carrier, String field, boolean slow) {
      this.method = method;
      this.carrier = carrier;
      this.field = field;
      this.slow = slow;
    }

    @Override
    public Method method() {
      return method;
    }

    @Override
    public Set<String> fields() {
      return Set.of();
    }

    @Override
    public Set<String> schemes() {
      return Set.of();
    }

    @Override
    public Outcome.@Nullable Rejected misplaced(AuthRequest request) {
      return null;
    }

    @Override
    public Challenge challenge(@Nullable Reason rejected) {
      return Challenge.of("Test", "test");
    }

    @Override
    public Presented find(AuthRequest request, Policy policy) {
      return request.fields().values(field).isEmpty() ? Presented.None.INSTANCE : new Found();
    }

    private final class Found implements Presented.Credential {

      @Override
      public Carrier carrier() {
        return carrier;
      }

      @Override
      public @Nullable Digest memoryKey() {
        return null;
      }

      @Override
      public boolean isSlow() {
        return slow;
      }

      @Override
      public Outcome verify() {
        Optional.of(hashed).filter(wait -> slow).ifPresent(CompletableFuture::join);
        return new Outcome.Accepted(
            new Principal("u_1", method, "c_1", Scopes.NONE),
            new Conditions(null, List.of(), null, Reason.INVALID_CREDENTIALS),
            RootCredential.of("c_1"));
      }
    }
  }
}
