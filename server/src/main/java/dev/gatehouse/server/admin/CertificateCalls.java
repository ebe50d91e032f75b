package dev.gatehouse.server.admin;

import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.server.tls.OwnAuthority;
import dev.gatehouse.server.tls.SigningRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;

/// Client certificates, and the CAs that vouch for them.
public final class CertificateCalls extends CredentialCalls<StoredClientCertificate> {

  private static final String NO_CA = "The gate is no CA: a route must accept mtls, with ownCa";

  private final ClientCertificates certificates;
  private final ClientCertificateAdministration administration;

  public CertificateCalls(ClientCertificateAdministration administration, AccountCalls accounts) {
    super(administration.certificates(), accounts, "/certificates", "renew");
    this.administration = administration;
    this.certificates = administration.certificates();
  }

  @Override
  public List<Call> all() {
    List<Call> calls = new ArrayList<>(super.all());
    calls.add(Call.of("POST", "/certificate-registrations", this::register));
    calls.add(Call.of("GET", "/client-cas", input -> cas()));
    calls.add(Call.of("POST", "/client-cas/reload", this::reload));
    calls.add(Call.of("GET", "/client-cas/own", input -> ownCa()));
    calls.add(Call.of("GET", "/client-cas/own/crl", input -> ownList()));
    return calls;
  }

  @Override
  AdminApi.Answer issue(Input input) {
    JsonInput body = issueBody(input, "csr");
    return made(certificates.issue(request(body), key(body)));
  }

  private AdminApi.Answer register(Input input) {
    JsonInput body = issueBody(input, "ca", "identity");
    CertificateName identity;
    try {
      identity = CertificateName.parse(body.text("identity"));
    } catch (IllegalArgumentException wrong) {
      throw new JsonInput.BadInputException("'identity': " + wrong.getMessage());
    }
    return made(certificates.register(request(body), body.text("ca"), identity));
  }

  private static PublicKey key(JsonInput body) {
    try {
      return SigningRequest.provedKey(body.text("csr"));
    } catch (IllegalArgumentException wrong) {
      throw new JsonInput.BadInputException("'csr': " + wrong.getMessage());
    }
  }

  @Override
  AdminApi.Answer rotate(Input input) {
    JsonInput body = rotationBody(input, "csr");
    return made(certificates.renew(input.name(), key(body), overlap(body), expiresAt(body)));
  }

  private AdminApi.Answer cas() {
    OwnAuthority own = administration.own();
    JsonArray items = new JsonArray();
    for (ClientCa ca : administration.trust().trust().current().cas()) {
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

  private AdminApi.Answer made(CredentialIssuance<StoredClientCertificate> issuance) {
    OwnAuthority own = administration.own();
    return issued(
        issuance,
        (document, issued) -> {
          if (own != null && issued.credential().material().issued() != null) {
            document.put("caCertificate", OwnAuthority.pem(own.ca()));
          }
        });
  }

  private static JsonObject json(ClientCa ca) {
    return new JsonObject()
        .put("id", ca.id())
        .put("name", ca.name())
        .put("expiresAt", ca.certificate().getNotAfter().toInstant().toString())
        .put("certificate", OwnAuthority.pem(ca));
  }

  @Override
  void describe(JsonObject document, IssuedCredential<StoredClientCertificate> registration) {
    StoredClientCertificate certificate = registration.material();
    StoredClientCertificate.Issued issued = certificate.issued();
    document
        .put("owner", registration.owner())
        .put("ca", certificate.ca())
        .put("identity", certificate.identity().toString())
        .put("serial", issued == null ? null : issued.serial())
        .put("certificate", issued == null ? null : issued.pem());
  }
}
