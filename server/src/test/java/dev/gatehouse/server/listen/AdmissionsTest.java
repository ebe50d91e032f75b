package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
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

  private static final int PLACES = 8;
  private static final Policy ANY = Policy.accepting(Method.BASIC, Method.OAUTH, Method.API_KEY);
  private static final InetAddress HERE = Network.address("192.0.2.1");
  private static final InetAddress THERE = Network.address("192.0.2.2");

  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Vertx vertx = Vertx.vertx();
  private final Context eventLoop = vertx.getOrCreateContext();
  private final Admissions admissions =
      new Admissions(
          Gate.inProcess(
              new InMemoryRevocationFeed(Clock.systemUTC()),
              1_000,
              new Known(Method.BASIC, CredentialLocation.AUTHORIZATION, "Authorization"),
              new Known(Method.OAUTH, CredentialLocation.COOKIE, "Token"),
              new Known(Method.API_KEY, CredentialLocation.API_KEY_FIELD, "X-API-Key")),
          PLACES);

  @AfterEach
  void end() throws Exception {
    ended.complete(null);
    admissions.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void floodOfSlowHashesTakesNoPlaceFromOtherCallers() throws Exception {
    List<CompletableFuture<Decision>> flood = flood("Authorization");
    assertThat(ask("X-API-Key", HERE).get(20, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Admitted.class);
    CompletableFuture<Decision> elsewhere = ask("Authorization", THERE);
    ended.complete(null);
    assertThat(elsewhere.get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    assertThat(admitted(flood)).as("half of the slow places").isEqualTo(PLACES / 4);
  }

  @Test
  void floodOfTokensToAskAboutTakesNoPlaceFromOtherCallersNorTheLastOfItsOwn() throws Exception {
    List<CompletableFuture<Decision>> flood = flood("Token");
    assertThat(ask("X-API-Key", HERE).get(20, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Admitted.class);
    CompletableFuture<Decision> slow = ask("Authorization", HERE);
    CompletableFuture<Decision> elsewhere = ask("Token", THERE);
    ended.complete(null);
    assertThat(slow.get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    assertThat(elsewhere.get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
    assertThat(admitted(flood)).as("half of the places of the issuer").isEqualTo(PLACES / 2);
  }

  @Test
  void requestsThatWaitForOneIssuerTakeNoPlaceFromThoseWithTokensOfAnother() throws Exception {
    List<CompletableFuture<Decision>> flood = new ArrayList<>();
    for (int i = 1; i <= 10 * PLACES; i++) {
      flood.add(ask("Token", "https://hangs.example", Network.address("198.51.100." + i)));
    }
    assertThat(flood.getLast().get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Refused.class);
    CompletableFuture<Decision> other = ask("Token", "https://other.example", HERE);
    // The event loop has asked for the token before this is answered.
    assertThat(ask("X-API-Key", THERE).get(20, TimeUnit.SECONDS))
        .isInstanceOf(Decision.Admitted.class);
    ended.complete(null);
    assertThat(other.get(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void workFromOneAddressTakesAtMostHalfOfThePlaces() throws Exception {
    List<CompletableFuture<String>> flood = new ArrayList<>();
    for (int i = 0; i < 10 * PLACES; i++) {
      flood.add(work(this::awaited, HERE));
    }
    CompletableFuture<String> elsewhere = work(() -> "ready", THERE);
    assertThat(elsewhere.get(20, TimeUnit.SECONDS)).isEqualTo("ready");
    ended.complete(null);
    int done = 0;
    for (CompletableFuture<String> one : flood) {
      done += one.get(20, TimeUnit.SECONDS).equals("done") ? 1 : 0;
    }
    assertThat(done).isEqualTo(PLACES / 2);
    assertThat(work(() -> "ready", HERE).get(20, TimeUnit.SECONDS)).isEqualTo("ready");
  }

  private String awaited() {
    ended.join();
    return "done";
  }

  private List<CompletableFuture<Decision>> flood(String field) {
    List<CompletableFuture<Decision>> flood = new ArrayList<>();
    for (int i = 0; i < 10 * PLACES; i++) {
      flood.add(ask(field, HERE));
    }
    return flood;
  }

  private static int admitted(List<CompletableFuture<Decision>> asked) throws Exception {
    int admitted = 0;
    for (CompletableFuture<Decision> one : asked) {
      switch (one.get(20, TimeUnit.SECONDS)) {
        case Decision.Admitted there -> admitted++;
        case Decision.Refused(Refusal refusal) ->
            assertThat(refusal.reason()).isEqualTo(Reason.UNAVAILABLE);
      }
    }
    return admitted;
  }

  @Test
  void floodOfSlowHashesTakesNoPlaceFromTheGatesOwnWork() throws Exception {
    flood("Authorization");
    assertThat(work(() -> "ready", HERE).get(20, TimeUnit.SECONDS)).isEqualTo("ready");
  }

  @Test
  void answersWith503WhenWorkFailsInAnyWay() throws Exception {
    for (Throwable broken : List.of(new IllegalStateException(), new StackOverflowError())) {
      assertThat(work(() -> thrown(broken), HERE).get(20, TimeUnit.SECONDS))
          .isEqualTo("UNAVAILABLE");
    }
  }

  private static String thrown(Throwable broken) {
    if (broken instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) broken;
  }

  private CompletableFuture<Decision> ask(String field, InetAddress from) {
    return ask(field, "https://id.example", from);
  }

  private CompletableFuture<Decision> ask(String field, String value, InetAddress from) {
    CompletableFuture<Decision> decision = new CompletableFuture<>();
    eventLoop.runOnContext(
        v -> admissions.ask(request(field, value, from), ANY, decision::complete));
    return decision;
  }

  private CompletableFuture<String> work(Supplier<String> work, InetAddress from) {
    CompletableFuture<String> result = new CompletableFuture<>();
    eventLoop.runOnContext(
        v ->
            admissions.work(
                request("X-API-Key", "something", from),
                work,
                refusal -> refusal.reason().code(),
                result::complete));
    return result;
  }

  private static AuthRequest request(String field, String value, InetAddress from) {
    return new AuthRequest("GET", "/", HeaderFields.of(Map.of(field, List.of(value))), from);
  }

  /// Accepts everybody who sends its field, and remembers nothing. Basic takes a slow hash and
  /// OAuth asks the issuer that the field names: both wait until the test lets them end.
  private final class Known implements Authenticator {

    private final Method method;
    private final CredentialLocation location;
    private final String field;

    Known(Method method, CredentialLocation location, String field) {
      this.method = method;
      this.location = location;
      this.field = field;
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
    public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
      return null;
    }

    @Override
    public Challenge challenge(@Nullable Reason rejected) {
      return Challenge.of("Test", "test");
    }

    @Override
    public Presented find(AuthRequest request, Policy policy) {
      List<String> values = request.fields().values(field);
      return values.isEmpty() ? Presented.None.INSTANCE : new Found(values.getFirst());
    }

    private final class Found implements Presented.Credential {

      private final String value;

      Found(String value) {
        this.value = value;
      }

      @Override
      public CredentialLocation location() {
        return location;
      }

      @Override
      public @Nullable Digest memoryKey() {
        return null;
      }

      @Override
      public boolean isSlow() {
        return method == Method.BASIC;
      }

      @Override
      public @Nullable String issuer() {
        return method == Method.OAUTH ? value : null;
      }

      @Override
      public Outcome verify() {
        if (isSlow() || issuer() != null) {
          ended.join();
        }
        return new Outcome.Accepted(
            new Principal("u_1", method, "c_1", Scopes.NONE),
            new Conditions(null, List.of(), null, Reason.INVALID_CREDENTIALS),
            RootCredential.ofSecret("c_1"));
      }
    }
  }
}
