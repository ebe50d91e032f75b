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

/// A refusal as every server sends it: a status, header fields and a problem document (RFC 9457).
///
/// @param id by which an operator finds the record of this refusal
/// @param sentence the fixed sentence: `title` and `error` of the document
/// @param detail for the client
/// @param cause for operators only; never sent
/// @param challenges every challenge that the route would accept; not empty for a 401
/// @param retryAfter null: not said
/// @param signInMayHelp whether a person at a browser asked who may only have to sign in: a server
///   with a sign-in page sends them there instead (303)
/// @param challengeFields what says more of the challenges
/// @param explanation for an operator who asks why; null: the cause says all; never sent
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

  // RFC 9110 §10.2.3: what a 503 says when nothing better is known.
  private static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);

  /// A refusal without challenges, anything but a 401, of a caller without a verified credential,
  /// and on record.
  public static Refusal of(AuthRequest request, Reason reason, String detail, String cause) {
    Refusal refusal = of(reason, detail, cause);
    refusal.record(request, null);
    return refusal;
  }

  /// A refusal of what could not be read as a request, and on record.
  public static Refusal ofUnreadable(InetAddress peer, String detail, String cause) {
    Refusal refusal = of(Reason.MALFORMED_REQUEST, detail, cause);
    refusal.record(peer, null, "unreadable");
    return refusal;
  }

  /// A refusal without challenges that is on no record: a mistake of an administrator, say.
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

  /// The HTTP status.
  public int status() {
    return reason.status();
  }

  /// The header fields to send beside `Content-Type` and `Content-Length`: the lines of each, in
  /// their order. A server sends each line as a field line of its own.
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

  /// The problem document.
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

  /// Puts this on record as a refusal of a request that was admitted before: it counts as one of
  /// the credential that was verified ([RefusalLog]).
  ///
  /// @return this
  public Refusal onRecord(AuthRequest request, Decision.Admitted admitted) {
    Principal principal = admitted.principal();
    record(request, principal == null ? null : principal.credential());
    return this;
  }

  /// Puts on record what the client was not told, so that an operator finds it by its id.
  ///
  /// @param credential the public id of the verified credential; null: there is none
  void record(AuthRequest request, @Nullable String credential) {
    record(request.peer(), credential, request.toString());
  }

  // What was sent may stand in the three texts, and may be a secret.
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
