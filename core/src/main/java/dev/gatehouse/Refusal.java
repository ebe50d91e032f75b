package dev.gatehouse;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.secret.LoggedText;
import dev.gatehouse.secret.RandomIds;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A refusal in the form in which every server sends it: a status, header fields and a problem
/// document (RFC 9457). Immutable.
///
/// @param id the id by which an operator finds the record of this refusal
/// @param sentence the fixed sentence: `title` and `error` of the document
/// @param detail more for the client
/// @param cause for operators only; it is never sent
/// @param challenges the challenges of all methods that the route accepts; not empty for a 401
/// @param retryAfter after which time the client may try again; null: not said
/// @param signInMayHelp whether a person at a browser made the request and may only have to sign
///   in. A server with a sign-in page then redirects there (303)
/// @param challengeFields further header fields that accompany the challenges
/// @param explanation more for an operator who asks why; null: the cause says everything. It is
///   never sent
public record Refusal(
    String id,
    Reason reason,
    String sentence,
    String detail,
    String cause,
    List<Challenge> challenges,
    @Nullable Duration retryAfter,
    boolean signInMayHelp,
    Map<String, String> challengeFields,
    @Nullable Explanation explanation) {

  static final String ID_PREFIX = "r_";

  /// The media type of the document (RFC 9457 §3).
  public static final String MEDIA_TYPE = "application/problem+json";

  // RFC 9110 §10.2.3: the value in a 503 if nothing better is known.
  private static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);

  /// Returns a refusal without challenges of a caller without a verified credential, and records
  /// it. Not for a 401.
  public static Refusal of(AuthRequest request, Reason reason, String detail, String cause) {
    Refusal refusal = of(reason, detail, cause);
    refusal.record(request, null);
    return refusal;
  }

  /// Returns the refusal of bytes that could not be read as a request, and records it.
  public static Refusal ofUnreadable(InetAddress peer, String detail, String cause) {
    Refusal refusal = of(Reason.MALFORMED_REQUEST, detail, cause);
    refusal.record(peer, null, "unreadable");
    return refusal;
  }

  /// Returns a refusal without challenges and does not record it, such as one for a mistake of an
  /// administrator.
  public static Refusal of(Reason reason, String detail, String cause) {
    return new Refusal(
        RandomIds.next(ID_PREFIX),
        reason,
        reason.sentence(),
        detail,
        cause,
        List.of(),
        null,
        false,
        Map.of(),
        null);
  }

  /// Returns the HTTP status.
  public int status() {
    return reason.status();
  }

  /// Returns the header fields to send in addition to `Content-Type` and `Content-Length`, each
  /// with its lines in their order. A server must send each line as a separate field line.
  public Map<String, List<String>> fields() {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    fields.put("Cache-Control", List.of("no-store"));
    if (!challenges.isEmpty()) {
      // RFC 9110 §11.6.1 allows several challenges in one line, but some clients read only the
      // first of a line.
      fields.put("WWW-Authenticate", challenges.stream().map(Challenge::toString).toList());
      challengeFields.forEach((name, value) -> fields.put(name, List.of(value)));
    }
    if (reason == Reason.THROTTLED || reason == Reason.UNAVAILABLE) {
      Duration wait = retryAfter == null ? DEFAULT_RETRY_AFTER : retryAfter;
      fields.put(
          "Retry-After",
          List.of(Long.toString(Math.max(1, wait.plusNanos(999_999_999).toSeconds()))));
    }
    return fields;
  }

  /// Returns the problem document, in JSON.
  public String document() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "urn:gatehouse:problem:" + reason.code());
    members.put("title", sentence);
    members.put("status", status());
    members.put("detail", detail);
    members.put("error", sentence);
    members.put("code", reason.code());
    members.put("id", id);
    return JSONObjectUtils.toJSONString(members);
  }

  /// Records this as the refusal of a request that was admitted before. It counts as a refusal of
  /// the credential that was verified ([RefusalLog]).
  ///
  /// @return this
  public Refusal onRecord(AuthRequest request, Decision.Admitted admitted) {
    Principal principal = admitted.principal();
    record(request, principal == null ? null : principal.credential());
    return this;
  }

  /// Records what the client was not told, so that an operator finds it by the id.
  ///
  /// @param credential the public id of the verified credential; null: none was verified
  void record(AuthRequest request, @Nullable String credential) {
    record(request.peer(), credential, request.toString());
  }

  // The three texts may quote what the client sent, and that may be a secret.
  private void record(InetAddress peer, @Nullable String credential, String line) {
    String told = AuthRequest.visible(LoggedText.of(cause));
    boolean logged = RefusalLog.ofThisProcess().add(this, peer, credential, line);
    RecentRefusals.ofThisProcess()
        .add(
            new RecentRefusals.Entry(
                id,
                Instant.now(),
                reason,
                LoggedText.of(detail),
                told,
                peer.getHostAddress(),
                line,
                explanation == null ? null : explanation.withoutSecrets()),
            logged);
  }
}
