package dev.gatehouse.server.admin;

import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.IssuedCredential;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The calls that every kind of issued credential has: they issue, list, show, rotate and revoke. A
/// kind says what it reads and shows of its own.
abstract class CredentialCalls<M> implements CallGroup {

  private static final List<String> TERMS =
      List.of("owner", "name", "scopes", "expiresAt", "networks", "requestsPerMinute");
  private static final List<String> ROTATION = List.of("overlapSeconds", "expiresAt");

  private final Credentials<M> credentials;
  private final AccountCalls accounts;
  private final String path;
  private final String rotation;

  /// @param path of the list, as `/keys`
  /// @param rotation the last segment of the call that issues a successor
  CredentialCalls(Credentials<M> credentials, AccountCalls accounts, String path, String rotation) {
    this.credentials = credentials;
    this.accounts = accounts;
    this.path = path;
    this.rotation = rotation;
  }

  @Override
  public List<Call> all() {
    String one = path + "/([^/]+)";
    return List.of(
        Call.list(path, "owner", this::list),
        Call.of("POST", path, this::issue),
        Call.of("GET", one, this::show),
        Call.of("POST", one + "/" + rotation, this::rotate),
        Call.of("POST", one + "/revoke", this::revoke));
  }

  /// Issues a credential.
  abstract AdminApi.Answer issue(Input input);

  /// Issues a successor of the credential that the path names.
  abstract AdminApi.Answer rotate(Input input);

  /// Adds what is shown of a credential between its name and its scopes: the owner, and what the
  /// kind adds.
  abstract void describe(JsonObject document, IssuedCredential<M> credential);

  /// The body of a call that issues a credential.
  ///
  /// @param more members that it may hold, beside those of [#request]
  static JsonInput issueBody(Input input, String... more) {
    return body(input, TERMS, more);
  }

  /// The body of a call that issues a successor.
  ///
  /// @param more members that it may hold, beside those of [#overlap] and [#expiresAt]
  static JsonInput rotationBody(Input input, String... more) {
    return body(input, ROTATION, more);
  }

  private static JsonInput body(Input input, List<String> members, String... more) {
    return input.json(Stream.concat(members.stream(), Stream.of(more)).toArray(String[]::new));
  }

  static CredentialRequest request(JsonInput body) {
    return new CredentialRequest(
        body.text("owner"),
        body.text("name"),
        body.optionalScopes("scopes"),
        expiresAt(body),
        body.networks("networks"),
        body.optionalNumber("requestsPerMinute").orElse(null));
  }

  static Duration overlap(JsonInput body) {
    return body.optionalNumber("overlapSeconds")
        .map(Duration::ofSeconds)
        .orElse(CredentialTerms.DEFAULT_OVERLAP);
  }

  static @Nullable Instant expiresAt(JsonInput body) {
    return body.optionalInstant("expiresAt").orElse(null);
  }

  /// The answer of a call that issues.
  ///
  /// @param more adds what is shown this once
  final AdminApi.Answer issued(
      CredentialIssuance<M> issuance, BiConsumer<JsonObject, CredentialIssuance.Issued<M>> more) {
    return switch (issuance) {
      case CredentialIssuance.Issued<M> issued -> {
        JsonObject document = json(issued.credential());
        more.accept(document, issued);
        yield new AdminApi.Answer.Json(201, document);
      }
      case CredentialIssuance.Refused<M>(String why) -> Call.refused(why);
      case CredentialIssuance.NotFound<M> none ->
          Call.notFound("There is no " + credentials.kind().noun() + " of that id");
    };
  }

  private AdminApi.Answer revoke(Input input) {
    credentials.revoke(input.name()); // revoking twice is no error: it is revoked
    return show(input);
  }

  private AdminApi.Answer show(Input input) {
    return Call.found(credentials.find(input.name()), credentials.kind().noun(), this::json);
  }

  private AdminApi.Answer list(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                credentials.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                this::json,
                IssuedCredential::id));
  }

  private JsonObject json(IssuedCredential<M> credential) {
    CredentialTerms terms = credential.terms();
    JsonArray networks = new JsonArray();
    terms.networks().forEach(network -> networks.add(network.toString()));
    JsonObject document = new JsonObject().put("id", credential.id()).put("name", terms.name());
    describe(document, credential);
    return document
        .put("scopes", AccountCalls.array(terms.scopes()))
        .put("networks", networks)
        .put("requestsPerMinute", terms.requestsPerMinute())
        .put("createdAt", credential.createdAt().toString())
        .put("expiresAt", Call.text(terms.expiresAt()))
        .put("lastUsedAt", Call.text(credential.lastUsedAt()))
        .put("revokedAt", Call.text(credential.revokedAt()))
        .put("successor", credential.successor());
  }
}
