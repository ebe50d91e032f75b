package dev.gatehouse.server.admin;

import dev.gatehouse.account.CredentialTerms;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.server.tls.OwnAuthority;
import dev.gatehouse.server.tls.SigningRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Client certificates, and the CAs that vouch for them.
final class CertificateCalls {

  private static final String NO_CA = "The gate is no CA: a route must accept mtls, with ownCa";

  private final ClientCertificates certificates;
  private final ClientCertificateAdministration administration;
  private final AccountCalls accounts;

  CertificateCalls(ClientCertificateAdministration administration, AccountCalls accounts) {
    this.administration = administration;
    this.certificates = administration.certificates();
    this.accounts = accounts;
  }

  List<Call> all() {
    return List.of(
        Call.list("/certificates", "owner", this::list),
        Call.of("POST", "/certificates", this::issue),
        Call.of("POST", "/certificate-registrations", this::register),
        Call.of("GET", "/certificates/([^/]+)", this::show),
        Call.of("POST", "/certificates/([^/]+)/renew", this::renew),
        Call.of("POST", "/certificates/([^/]+)/revoke", this::revoke),
        Call.of("GET", "/client-cas", input -> cas()),
        Call.of("POST", "/client-cas/reload", this::reload),
        Call.of("GET", "/client-cas/own", input -> ownCa()),
        Call.of("GET", "/client-cas/own/crl", input -> ownList()));
  }

  private AdminApi.Answer issue(Input input) {
    JsonInput body =
        input.json("owner", "name", "csr", "scopes", "expiresAt", "networks", "requestsPerMinute");
    return made(certificates.issue(request(body), key(body)));
  }

  private AdminApi.Answer register(Input input) {
    JsonInput body =
        input.json(
            "owner",
            "name",
            "ca",
            "identity",
            "scopes",
            "expiresAt",
            "networks",
            "requestsPerMinute");
    CertificateName identity;
    try {
      identity = CertificateName.parse(body.text("identity"));
    } catch (IllegalArgumentException wrong) {
      throw new JsonInput.BadInputException("'identity': " + wrong.getMessage());
    }
    return made(certificates.register(request(body), body.text("ca"), identity));
  }

  private static ClientCertificates.Request request(JsonInput body) {
    return new ClientCertificates.Request(
        body.text("owner"),
        body.text("name"),
        body.optionalScopes("scopes"),
        body.optionalInstant("expiresAt").orElse(null),
        body.networks("networks"),
        body.optionalNumber("requestsPerMinute").orElse(null));
  }

  private static PublicKey key(JsonInput body) {
    try {
      return SigningRequest.provedKey(body.text("csr"));
    } catch (IllegalArgumentException wrong) {
      throw new JsonInput.BadInputException("'csr': " + wrong.getMessage());
    }
  }

  private AdminApi.Answer renew(Input input) {
    JsonInput body = input.json("csr", "overlapSeconds", "expiresAt");
    Duration overlap =
        body.optionalNumber("overlapSeconds")
            .map(Duration::ofSeconds)
            .orElse(CredentialTerms.DEFAULT_OVERLAP);
    return made(
        certificates.renew(
            input.name(), key(body), overlap, body.optionalInstant("expiresAt").orElse(null)));
  }

  private AdminApi.Answer revoke(Input input) {
    certificates.revoke(input.name()); // revoking twice is no error: it is revoked
    return show(input);
  }

  private AdminApi.Answer show(Input input) {
    return Call.found(certificates.find(input.name()), "certificate", CertificateCalls::json);
  }

  private AdminApi.Answer list(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                certificates.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                CertificateCalls::json,
                StoredClientCertificate::id));
  }

  private AdminApi.Answer cas() {
    OwnAuthority own = administration.own();
    JsonArray items = new JsonArray();
    for (ClientCa ca : administration.trust().trust().trust().cas()) {
      items.add(
          json(ca)
              .put("own", own != null && own.cas().stream().anyMatch(o -> o.id().equals(ca.id()))));
    }
    return Call.ok(new JsonObject().put("items", items).putNull("next"));
  }

  private AdminApi.Answer reload(Input input) {
    try {
      administration.trust().reload();
      return cas();
    } catch (IllegalArgumentException unusable) {
      return Call.refused(String.valueOf(unusable.getMessage()));
    }
  }

  private AdminApi.Answer ownCa() {
    OwnAuthority own = administration.own();
    return own == null ? Call.notFound(NO_CA) : Call.ok(json(own.ca()).put("own", true));
  }

  private AdminApi.Answer ownList() {
    OwnAuthority own = administration.own();
    return own == null ? Call.notFound(NO_CA) : Call.ok(new JsonObject().put("crl", own.listPem()));
  }

  private AdminApi.Answer made(ClientCertificates.Registration registration) {
    return switch (registration) {
      case ClientCertificates.Registration.Registered(StoredClientCertificate certificate) -> {
        OwnAuthority own = administration.own();
        JsonObject answer = json(certificate);
        if (own != null && certificate.issued() != null) {
          answer.put("caCertificate", OwnAuthority.pem(own.ca()));
        }
        yield new AdminApi.Answer.Json(201, answer);
      }
      case ClientCertificates.Registration.Refused(String why) -> Call.refused(why);
      case ClientCertificates.Registration.NotFound() ->
          Call.notFound("There is no certificate of that id");
    };
  }

  private static JsonObject json(ClientCa ca) {
    return new JsonObject()
        .put("id", ca.id())
        .put("name", ca.name())
        .put("expiresAt", ca.certificate().getNotAfter().toInstant().toString())
        .put("certificate", OwnAuthority.pem(ca));
  }

  private static JsonObject json(StoredClientCertificate certificate) {
    JsonArray networks = new JsonArray();
    certificate.networks().forEach(network -> networks.add(network.toString()));
    StoredClientCertificate.@Nullable Issued issued = certificate.issued();
    return new JsonObject()
        .put("id", certificate.id())
        .put("name", certificate.name())
        .put("owner", certificate.owner())
        .put("ca", certificate.ca())
        .put("identity", certificate.identity().toString())
        .put("serial", issued == null ? null : issued.serial())
        .put("certificate", issued == null ? null : issued.pem())
        .put("scopes", AccountCalls.array(certificate.scopes()))
        .put("networks", networks)
        .put("requestsPerMinute", certificate.requestsPerMinute())
        .put("createdAt", certificate.createdAt().toString())
        .put("expiresAt", Call.text(certificate.expiresAt()))
        .put("lastUsedAt", Call.text(certificate.lastUsedAt()))
        .put("revokedAt", Call.text(certificate.revokedAt()))
        .put("successor", certificate.successor());
  }
}
