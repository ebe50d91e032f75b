package dev.gatehouse.server.demo;

import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseMode;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.util.MultivaluedMapUtils;
import com.nimbusds.openid.connect.sdk.AuthenticationErrorResponse;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationSuccessResponse;
import com.nimbusds.openid.connect.sdk.OIDCError;
import com.nimbusds.openid.connect.sdk.Prompt;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The authorization endpoint of the demo's provider. It asks who the person is, and sends the
/// browser back with a code.
///
/// It keeps no session. The form holds the authorization request, which is checked again when the
/// form is posted.
final class DemoAuthorization {

  private static final List<String> SCOPES = List.of("openid", "profile", "email");

  /// Who may send people here, and where they go back.
  ///
  /// @param client the only one that may sign people in
  /// @param redirectUri the only one to which it leads back
  record Registration(Issuer issuer, ClientID client, URI redirectUri) {}

  private final Issuer issuer;
  private final ClientID client;
  private final URI redirectUri;
  private final DemoCodes codes;
  private final DemoPages pages;
  private final InstantSource clock;

  DemoAuthorization(
      Registration registration, DemoCodes codes, DemoPages pages, InstantSource clock) {
    this.issuer = registration.issuer;
    this.client = registration.client;
    this.redirectUri = registration.redirectUri;
    this.codes = codes;
    this.pages = pages;
    this.clock = clock;
  }

  /// The result of reading a request.
  private sealed interface Reading {}

  /// A valid request.
  private record Good(AuthenticationRequest request) implements Reading {}

  /// An invalid request, and its answer.
  private record Bad(HTTPResponse answer) implements Reading {}

  /// The page, for a request in the query of the URL.
  HTTPResponse ask(HTTPRequest asked) {
    String query = Optional.ofNullable(asked.getURI().getRawQuery()).orElse("");
    return switch (read(query)) {
      case Bad(HTTPResponse answer) -> answer;
      case Good(AuthenticationRequest request) ->
          request.getPrompt() != null && request.getPrompt().contains(Prompt.Type.NONE)
              ? back(OIDCError.LOGIN_REQUIRED, request.getState())
              : pages.choose(query);
    };
  }

  /// The form of that page: `request` is the query that it was made for, `person` who it is.
  HTTPResponse chosen(HTTPRequest asked) {
    // The browser says which page sent the form. A page of another site may not choose for a
    // person.
    if (!issuer.getValue().equals(asked.getHeaderValue("Origin"))) {
      return pages.refused(403, "That form is not this page's own.");
    }
    Map<String, List<String>> form;
    try {
      form = asked.getBodyAsFormParameters();
    } catch (ParseException noForm) {
      return pages.refused(400, "That is no form of this page.");
    }
    return switch (read(text(form, "request"))) {
      case Bad(HTTPResponse answer) -> answer;
      case Good(AuthenticationRequest request) ->
          DemoPerson.of(text(form, "person"))
              .map(person -> signedIn(person, request))
              .orElseGet(() -> back(OAuth2Error.ACCESS_DENIED, request.getState()));
    };
  }

  private static String text(Map<String, List<String>> form, String name) {
    String value = MultivaluedMapUtils.getFirstValue(form, name);
    return value == null ? "" : value;
  }

  // RFC 6749 §4.1.2.1: if the client_id or the redirect_uri is not known, the browser is not
  // redirected.
  private Reading read(String query) {
    AuthenticationRequest request;
    try {
      request = AuthenticationRequest.parse(query);
    } catch (ParseException wrong) {
      return client.equals(wrong.getClientID()) && isOurs(wrong.getRedirectionURI())
          ? new Bad(back(orInvalid(wrong), wrong.getState()))
          : new Bad(pages.refused(400, "This link is not one of the gate's."));
    }
    if (!client.equals(request.getClientID())) {
      return new Bad(pages.refused(400, "This provider knows no such client."));
    }
    if (!isOurs(request.getRedirectionURI())) {
      return new Bad(pages.refused(400, "This provider does not lead back to that address."));
    }
    ErrorObject problem = problem(request);
    return problem == null ? new Good(request) : new Bad(back(problem, request.getState()));
  }

  // RFC 9700 §4.1.3: by simple string comparison. Equal URIs may differ in the case of the host.
  private boolean isOurs(@Nullable URI asked) {
    return asked != null && asked.toString().equals(redirectUri.toString());
  }

  private static ErrorObject orInvalid(ParseException wrong) {
    return wrong.getErrorObject() == null ? OAuth2Error.INVALID_REQUEST : wrong.getErrorObject();
  }

  private static @Nullable ErrorObject problem(AuthenticationRequest request) {
    if (request.specifiesRequestObject()) {
      return OAuth2Error.REQUEST_NOT_SUPPORTED;
    }
    if (!request.getResponseType().equals(ResponseType.CODE)) {
      return OAuth2Error.UNSUPPORTED_RESPONSE_TYPE;
    }
    if (request.getResponseMode() != null
        && !request.getResponseMode().equals(ResponseMode.QUERY)) {
      return invalid("response_mode is query");
    }
    // RFC 9700 §2.1.1
    if (request.getCodeChallenge() == null
        || !CodeChallengeMethod.S256.equals(request.getCodeChallengeMethod())) {
      return invalid("code_challenge is missing, or not by S256");
    }
    if (request.getNonce() == null) {
      return invalid("nonce is missing");
    }
    if (request.getState() == null) {
      return invalid("state is missing");
    }
    return null;
  }

  private static ErrorObject invalid(String why) {
    return OAuth2Error.INVALID_REQUEST.setDescription(why);
  }

  private HTTPResponse signedIn(DemoPerson person, AuthenticationRequest request) {
    Scope scope = new Scope(request.getScope());
    scope.removeIf(value -> !SCOPES.contains(value.getValue()));
    var code =
        codes.give(
            new DemoCodes.Granted(
                person,
                scope,
                request.getNonce(),
                request.getCodeChallenge(),
                redirectUri,
                clock.instant()));
    return seeOther(
        new AuthenticationSuccessResponse(
                redirectUri,
                code,
                null,
                null,
                request.getState(),
                null,
                issuer, // RFC 9207 §2
                ResponseMode.QUERY)
            .toURI());
  }

  private HTTPResponse back(ErrorObject error, @Nullable State state) {
    return seeOther(
        new AuthenticationErrorResponse(redirectUri, error, state, issuer, ResponseMode.QUERY)
            .toURI());
  }

  // RFC 9700 §4.12: the status is 303, so that the browser does not send the form again.
  private static HTTPResponse seeOther(URI location) {
    HTTPResponse answer = new HTTPResponse(303);
    answer.setLocation(location);
    answer.setCacheControl("no-store");
    return answer;
  }
}
