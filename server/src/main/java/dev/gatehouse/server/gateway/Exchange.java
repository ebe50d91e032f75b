package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.Decision;
import dev.gatehouse.FailureText;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.SingleUse;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.ArrivedBody;
import dev.gatehouse.server.listen.Cutting;
import dev.gatehouse.server.listen.ListenLimits;
import dev.gatehouse.server.listen.MalformedBodyException;
import dev.gatehouse.server.tls.ServerTrust;
import dev.gatehouse.throttle.Caller;
import dev.gatehouse.throttle.Turns;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request's way: decided on, carried to its upstream, and the answer back.
///
/// Lives on one event loop. Whatever happens, the client gets a whole answer, a refusal, or an end
/// that it can tell from one.
final class Exchange {

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  // How long a stream may stay open while nobody can say whether it may.
  private static final Duration MAX_DOUBT = Duration.ofMillis(500);

  // How often one request is judged anew before it is sent, when each time something that its
  // credential rests on changes meanwhile.
  private static final int MAX_REVIEWS = 3;

  private enum Phase {
    /// Waits for the gate, or for what goes along with the request.
    DECIDING,
    /// Waits for a place at the upstream.
    QUEUED,
    /// Waits for a connection.
    CONNECTING,
    /// Waits for the head of the answer.
    WAITING,
    ANSWERING,
    TUNNELLING,
    OVER;

    /// Whether the request is at the upstream. Before that, it is looked at just before it is sent.
    boolean isSent() {
      return this == WAITING || this == ANSWERING || this == TUNNELLING;
    }
  }

  private final GatewayLoop loop;
  private final Arrival arrival;
  private final RequestPath path;
  private final Route<Destination> route;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final @Nullable UpstreamBody body;

  @Nullable Exchange next;
  @Nullable Exchange previous;

  private Phase phase = Phase.DECIDING;
  private boolean listed;
  private boolean webSocket;
  private boolean asking;
  private boolean inDoubt;
  private long inDoubtSince;
  private boolean clientFull;
  private long clientFullSince;
  private int attempts;
  private int reviews;
  private long lastProgress;
  private boolean connecting;
  private boolean headPut; // into the response to the client
  private Turns.@Nullable Turn place;
  private Decision.@Nullable Admitted admitted;
  // Reserved, and not settled yet.
  private @Nullable SingleUse singleUse;
  private @Nullable String providerToken;
  private @Nullable HttpClientRequest upstream;

  Exchange(GatewayLoop loop, Arrival arrival, RequestPath path, Route<Destination> route) {
    this.loop = loop;
    this.arrival = arrival;
    this.path = path;
    this.route = route;
    this.request = arrival.http();
    this.response = request.response();
    this.body =
        arrival.mayHaveBody()
            ? new UpstreamBody(request, this, destination().upstream().maxBodyBytes())
            : null;
  }

  private Destination destination() {
    return route.destination();
  }

  long now() {
    return loop.now();
  }

  /// Something moved.
  void progressed() {
    lastProgress = loop.now();
  }

  /// Decides, from memory or by asking.
  void begin() {
    response.closeHandler(closed -> clientGone());
    response.exceptionHandler(this::clientFailed);
    if (arrival.auth().body() instanceof ArrivedBody arrived) {
      arrived.withhold();
    }
    Decision recalled = gate().recall(arrival.auth(), route.policy()).orElse(null);
    boolean signed =
        recalled == null && body != null && gate().mayReadBody(arrival.auth(), route.policy());
    if (signed) {
      request.pause();
    } else {
      takeBody();
    }
    if (recalled == null) {
      loop.gateway.admissions.ask(
          arrival.auth(),
          route.policy(),
          decision -> {
            if (signed) {
              takeSignedBody();
            }
            guarded(decision);
          });
    } else if (arrival.isHttp1()) {
      decided(recalled);
    } else {
      // HTTP/2 tells by the end of the same read whether there is a body.
      loop.context.runOnContext(v -> guarded(recalled));
    }
  }

  private void takeBody() {
    if (body != null) {
      request.exceptionHandler(this::clientFailed);
      if (arrival.auth().body() instanceof ArrivedBody arrived) {
        arrived.leave();
      }
      body.take();
    }
  }

  // The method has read it, unless it was refused before.
  private void takeSignedBody() {
    Buffer read = arrival.auth().body() instanceof ArrivedBody arrived ? arrived.collected() : null;
    if (body != null && read != null) {
      body.took(read);
    } else if (phase == Phase.DECIDING) {
      takeBody();
      request.resume();
    }
  }

  private void guarded(Decision decision) {
    try {
      decided(decision);
    } catch (RuntimeException failed) {
      fail(failed);
    }
  }

  /// Gives up after an error of our own.
  void fail(RuntimeException failed) {
    if (phase != Phase.OVER) {
      over();
      abandonUpstream();
      GatewayLoop.failed(arrival, failed);
    }
  }

  private void decided(Decision decision) {
    if (decision instanceof Decision.Admitted good) {
      singleUse = good.singleUse();
    }
    if (phase != Phase.DECIDING) {
      release(); // the client has gone meanwhile
      return;
    }
    switch (decision) {
      case Decision.Refused refused -> refuse(refused.refusal());
      case Decision.Admitted good -> {
        admitted = good;
        Refusal unsigned = isSigned(good) ? notCoveredBySignature() : null;
        if (unsigned != null) {
          refuse(unsigned);
        } else if (!mayHaveItsBody(good.bodyDigest())) {
          bodyIsWrong();
        } else if (Math.max(announcedBytes(), body == null ? 0 : body.receivedBytes())
            > destination().upstream().maxBodyBytes()) {
          bodyTooLarge();
        } else {
          findProviderToken(good.principal());
        }
      }
    }
  }

  private static boolean isSigned(Decision.Admitted admitted) {
    return admitted.proofs().stream()
        .anyMatch(proof -> proof.accepted().principal().method() == Method.HMAC);
  }

  // What could change the meaning of a signed request though no signature covers it; null: nothing.
  private @Nullable Refusal notCoveredBySignature() {
    if (isWebSocket()) {
      return refusal(
          Reason.MALFORMED_REQUEST,
          "A signed request opens no WebSocket, since no signature covers what follows",
          "a WebSocket on a signature");
    }
    Set<String> names = new HashSet<>(request.headers().names());
    Webhook webhook = route.policy().webhook();
    if (webhook != null) {
      names.addAll(WebhookProfile.signedFields(webhook.vendor()));
    }
    if (FieldNames.haveTwoSpellingsOfOne(names)) {
      return refusal(
          Reason.MALFORMED_REQUEST,
          "Two fields of a signed request have names that some servers take for one, as a-b and a_b",
          "a field beside a signed request's field that has its name in another spelling");
    }
    return null;
  }

  // Only people have any, and only where they signed in: by a session, or for tokens.
  private void findProviderToken(@Nullable Principal caller) {
    ProviderTokenSource source = destination().upstream().providerToken();
    if (source == null
        || caller == null
        || (caller.method() != Method.SESSION && caller.method() != Method.JWT)) {
      goOn();
      return;
    }
    source.find(
        arrival.auth(),
        caller,
        found -> {
          try {
            foundProviderToken(found);
          } catch (RuntimeException failed) {
            fail(failed);
          }
        });
  }

  private void foundProviderToken(ProviderTokenSource.Found found) {
    if (phase != Phase.DECIDING) {
      return; // the client has gone meanwhile
    }
    switch (found) {
      case ProviderTokenSource.Found.Token(String value) -> {
        providerToken = value;
        goOn();
      }
      case ProviderTokenSource.Found.None() -> {
        providerToken = null;
        goOn();
      }
      case ProviderTokenSource.Found.NotNow(Refusal refusal) -> refuse(refusal);
    }
  }

  // False when all of the body came already, or there is none, and it has another digest.
  private boolean mayHaveItsBody(@Nullable BodyDigest digest) {
    if (digest == null) {
      return true;
    }
    if (body == null) {
      return digest.isMetBy(digest.begin());
    }
    body.expect(digest);
    return !body.isWrong();
  }

  private long announcedBytes() {
    String length = body == null ? null : request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? 0 : Long.parseLong(length);
  }

  // A request that is reviewed has its place already.
  private void goOn() {
    if (place == null) {
      queue();
    } else {
      connect();
    }
  }

  private void queue() {
    phase = Phase.QUEUED;
    progressed();
    listed = true;
    loop.add(this);
    webSocket = isWebSocket();
    place =
        destination()
            .places()
            .ask(webSocket, caller(), () -> loop.context.runOnContext(decided -> placeDecided()));
    if (!place.isWaiting()) {
      placeDecided();
    }
  }

  private Caller caller() {
    Principal known = principal();
    return known == null
        ? new Caller.Address(arrival.auth().peer())
        : new Caller.Credential(known.subject(), known.credential());
  }

  private void placeDecided() {
    if (phase != Phase.QUEUED || place == null) {
      return;
    }
    try {
      if (place.hasBegun()) {
        connect();
      } else {
        refuse(noPlace());
      }
    } catch (RuntimeException failed) {
      fail(failed);
    }
  }

  private Refusal noPlace() {
    return refusal(
        Reason.UNAVAILABLE,
        webSocket
            ? "Too many WebSockets are open to the upstream"
            : "Too many requests wait for the upstream",
        "this caller has its share of the upstream's places, or all are taken");
  }

  private void connect() {
    phase = Phase.CONNECTING;
    progressed();
    connecting = true;
    loop.client(destination())
        .request(webSocket, request.method(), path.target())
        .onComplete(this::connected, this::unreachable);
  }

  // What was asked of the pool is under way until it came or failed, also when nobody waits.
  private void leavePlace() {
    if (place != null && !connecting) {
      place.close();
    }
  }

  // The length that the client announced stays; what came without one goes in chunks.
  private void frame(UpstreamBody coming, HttpClientRequest sent) {
    if (sent.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      return;
    }
    if (!coming.isEnded()) {
      sent.setChunked(true);
    } else if (coming.heldBytes() > 0 || expectsBody(request.method().name())) {
      sent.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(coming.heldBytes()));
    }
  }

  // RFC 9110 §8.6: an empty body is said to be one where a body would have a meaning.
  private static boolean expectsBody(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  // RFC 6455 §4.1. Any other upgrade is not passed on.
  private boolean isWebSocket() {
    if (body != null || !request.method().name().equals("GET")) {
      return false;
    }
    String upgrade = request.getHeader(HttpHeaders.UPGRADE);
    return upgrade != null
        && upgrade.equalsIgnoreCase("websocket")
        && ConnectionOptions.contain(request.headers().getAll(HttpHeaders.CONNECTION), "upgrade")
        && request.version() == HttpVersion.HTTP_1_1;
  }

  private @Nullable Principal principal() {
    return admitted == null ? null : admitted.principal();
  }

  private void connected(HttpClientRequest connected) {
    connecting = false;
    if (phase != Phase.CONNECTING) {
      leavePlace();
      giveBack(connected);
      return;
    }
    try {
      if (!holds()) {
        giveBack(connected);
        review();
        return;
      }
      Principal caller = principal();
      Optional<String> identity =
          caller == null
              ? Optional.empty()
              : loop.gateway.identities.token(caller, destination().upstream().audience());
      if (caller != null && identity.isEmpty()) {
        giveBack(connected);
        awaitIdentity(caller);
      } else {
        send(connected, caller, identity.orElse(null));
      }
    } catch (RuntimeException failed) {
      fail(failed);
    }
  }

  private static void giveBack(HttpClientRequest unused) {
    unused.exceptionHandler(failed -> LOG.trace("Given back unused")).reset();
  }

  // Whatever was waited for since the decision ends here: a body, a hash, an issuer, a provider, a
  // place, a connection. Nothing is sent on with a proof that was revoked, changed or ended
  // meanwhile.
  private boolean holds() {
    Decision.Admitted current = admitted;
    return current == null
        || (reviews == 0
            ? gate().holds(current, arrival.auth())
            : gate().holdsReviewed(current, arrival.auth()));
  }

  // The place is kept meanwhile. What goes along with the request is found again, since it rests on
  // the same credential.
  private void review() {
    phase = Phase.DECIDING;
    if (admitted == null || reviews == MAX_REVIEWS) {
      refuse(
          refusal(
              Reason.UNAVAILABLE,
              "The credential could not be verified now",
              "what it rests on changed each time it was reviewed"));
      return;
    }
    reviews++;
    loop.gateway.admissions.review(
        admitted,
        arrival.auth(),
        route.policy(),
        decision -> {
          if (phase != Phase.DECIDING) {
            return; // the client has gone meanwhile
          }
          try {
            switch (decision) {
              case Decision.Refused refused -> refuse(refused.refusal());
              case Decision.Admitted again -> {
                admitted = again;
                findProviderToken(again.principal());
              }
            }
          } catch (RuntimeException failed) {
            fail(failed);
          }
        });
  }

  // Every signing key that this process knows was revoked: the store has the new one. The place is
  // kept meanwhile.
  private void awaitIdentity(Principal caller) {
    phase = Phase.DECIDING;
    loop.gateway.admissions.work(
        arrival.auth(),
        () -> refusalWithoutIdentity(caller),
        Optional::of,
        refusal -> {
          if (phase != Phase.DECIDING) {
            return; // the client has gone meanwhile
          }
          try {
            refusal.ifPresentOrElse(this::refuse, this::connect);
          } catch (RuntimeException failed) {
            fail(failed);
          }
        });
  }

  private Optional<Refusal> refusalWithoutIdentity(Principal caller) {
    try {
      loop.gateway.identities.awaitToken(caller, destination().upstream().audience());
      return Optional.empty();
    } catch (StoreUnavailableException unavailable) {
      return Optional.of(
          refusal(
              Reason.UNAVAILABLE,
              "The upstream can't be told now who is calling: try again",
              "no signing key: " + FailureText.of(unavailable)));
    }
  }

  private void send(
      HttpClientRequest connected, @Nullable Principal caller, @Nullable String identity) {
    if (singleUse != null && singleUse.counts() == SingleUse.Counts.WHEN_SENT) {
      singleUse = null; // it counts from now on, as it was reserved
    }
    upstream = connected;
    attempts++;
    UpstreamClient.begin(connected, this::inform);
    phase = Phase.WAITING;
    progressed();
    loop.gateway.fields.toUpstream(
        arrival, caller, identity, destination(), route.policy().webhook(), connected.headers());
    if (admitted != null && isSigned(admitted)) {
      FieldPolicy.joinLines(connected.headers());
    }
    if (!webSocket && !destination().places().mayKeepConnection()) {
      connected.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE); // RFC 9112 §9.6
    }
    if (providerToken != null) {
      connected.headers().set(FieldPolicy.PROVIDER_TOKEN, providerToken);
    }
    // A failure is told twice, and the second time another connection may be in use already.
    connected.exceptionHandler(failed -> upstreamFailed(connected, failed));
    connected
        .response()
        .onComplete(
            answer -> answered(connected, answer), failed -> upstreamFailed(connected, failed));
    if (webSocket) {
      connected
          .putHeader(HttpHeaders.CONNECTION, "Upgrade")
          .putHeader(HttpHeaders.UPGRADE, "websocket")
          .connect();
    } else if (body == null) {
      connected.end();
    } else {
      frame(body, connected);
      if (expectsContinue()) {
        // RFC 9110 §10.1.1: passed on, so that an upstream too can refuse before the body comes.
        connected.putHeader(HttpHeaders.EXPECT, HttpHeaders.CONTINUE);
      }
      body.sendTo(connected, loop.now());
    }
  }

  private boolean expectsContinue() {
    return request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT)
        && body != null
        && !body.isEnded();
  }

  private void unreachable(Throwable failed) {
    connecting = false;
    if (phase != Phase.CONNECTING) {
      leavePlace();
      return;
    }
    LOG.warn("{} can't be reached: {}", destination().upstream().audience(), described(failed));
    refuse(
        refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream can't be reached", described(failed)));
  }

  private void upstreamFailed(HttpClientRequest sent, Throwable failed) {
    if (upstream == null || !upstream.equals(sent)) {
      return; // it was given up
    }
    switch (phase) {
      case WAITING -> {
        if (mayRetry()) {
          abandonUpstream();
          connect();
          return;
        }
        LOG.warn("{} failed: {}", destination().upstream().audience(), described(failed));
        abandonUpstream();
        refuse(
            refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream did not answer", described(failed)));
      }
      case ANSWERING -> {
        LOG.warn("{} broke off: {}", destination().upstream().audience(), described(failed));
        abandonUpstream();
        refuseOrBreakOff(
            refusal(
                Reason.UPSTREAM_UNREACHABLE,
                "The upstream's answer can't be read",
                described(failed)));
      }
      case TUNNELLING -> cut();
      case DECIDING, QUEUED, CONNECTING, OVER -> {
        // nothing depends on it
      }
    }
  }

  private static String described(Throwable failed) {
    if (!(failed instanceof SSLException tls)) {
      return FailureText.of(failed);
    }
    return "TLS failed: "
        + ServerTrust.reason(tls)
        + (ServerTrust.isOfUnknownCa(tls) ? "; name its CA in 'upstreamCa'" : "");
  }

  // RFC 9110 §9.2.2: an idle connection may close as a request is sent on it. What changes nothing
  // when it is done twice, and had no body, is sent once more.
  private boolean mayRetry() {
    return attempts == 1
        && (body == null || body.isEmpty())
        && !webSocket
        && switch (request.method().name()) {
          case "GET", "HEAD", "OPTIONS" -> true;
          default -> false;
        };
  }

  // An answer before the answer proper says nothing of when that comes: the timeout goes on.
  private void inform(int status, MultiMap fields) {
    if (phase == Phase.WAITING) {
      MultiMap passed = HttpHeaders.headers();
      loop.gateway.fields.toClient(fields, passed, false, false);
      Answers.inform(request, status, passed.remove(HttpHeaders.CONTENT_LENGTH));
    }
  }

  private static @Nullable String whyUnreadable(HttpClientResponse answer) {
    int status = answer.statusCode();
    if (status < 200 || status > 599) {
      return "the upstream answered with the status " + status;
    }
    // RFC 9112 §6.1: the body of any other coding would be passed on without the name of its
    // coding.
    List<String> codings = answer.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    return codings.isEmpty()
            || (codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked"))
        ? null
        : "the upstream's answer has a transfer coding other than chunked";
  }

  private void answered(HttpClientRequest sent, HttpClientResponse answer) {
    if (phase != Phase.WAITING) {
      return;
    }
    progressed();
    answer.exceptionHandler(failed -> upstreamFailed(sent, failed));
    int status = answer.statusCode();
    if (webSocket && status == 101) {
      tunnel(answer); // no use is reserved: a signed request opens no WebSocket
      return;
    }
    phase = Phase.ANSWERING;
    SingleUse use = takeSingleUse();
    if (use == null) {
      passOn(answer);
      return;
    }
    // Before the sender hears of it: what it was told is then on disk, and after a failure it may
    // send the same again at once.
    answer.pause();
    settle(
        status < 500 ? use::confirm : use::release,
        () -> {
          if (phase == Phase.ANSWERING) {
            passOn(answer);
          }
          if (phase == Phase.ANSWERING) {
            answer.resume();
          }
        });
  }

  private void passOn(HttpClientResponse answer) {
    String unreadable = whyUnreadable(answer);
    if (unreadable != null) {
      abandonUpstream();
      refuse(
          refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream's answer can't be read", unreadable));
      return;
    }
    // RFC 9110 §15.3.6: a 205 has no content.
    boolean dropped = answer.statusCode() == 205;
    answer.handler(dropped ? piece -> progressed() : piece -> write(answer, piece));
    answer.endHandler(end -> finish(answer));
    loop.context.runOnContext(v -> sendHead(answer));
  }

  // Only when the head is about to be sent: until then the answer may turn out to be broken, and a
  // refusal takes its place.
  private void putHead(HttpClientResponse answer) {
    if (headPut) {
      return;
    }
    headPut = true;
    response.setStatusCode(answer.statusCode());
    loop.gateway.fields.toClient(
        answer.headers(), response.headers(), principal() != null, cors().isActive());
    switch (answer.statusCode()) {
      case 204 -> response.headers().remove(HttpHeaders.CONTENT_LENGTH); // RFC 9110 §8.6
      case 205 -> response.headers().set(HttpHeaders.CONTENT_LENGTH, "0");
      default -> {
        // its length is what the upstream says
      }
    }
    cors().addTo(request, response.headers());
    destination().ends().addTo(response.headers(), admitted);
  }

  private CorsAnswer cors() {
    return destination().cors();
  }

  // An event stream may be silent for long: its head goes out even so.
  private void sendHead(HttpClientResponse answer) {
    if (phase == Phase.ANSWERING && !response.headWritten()) {
      putHead(answer);
      response.writeHead();
    }
  }

  private void write(HttpClientResponse answer, Buffer piece) {
    if (phase != Phase.ANSWERING) {
      return;
    }
    progressed();
    putHead(answer);
    Future<Void> taken = Answers.write(request, piece);
    if (response.writeQueueFull()) {
      holdBack(answer);
      response.drainHandler(drained -> readOn(answer));
    } else if (Answers.isFull(request) && !taken.isComplete()) {
      holdBack(answer); // its other streams, or other clients, hold too much
      taken.onSuccess(now -> readOn(answer));
    }
  }

  private void holdBack(HttpClientResponse answer) {
    clientIsFull(true);
    answer.pause();
  }

  private void readOn(HttpClientResponse answer) {
    clientIsFull(false);
    progressed();
    answer.resume();
  }

  /// What the client does not take keeps a connection to the upstream from everybody else.
  void clientIsFull(boolean full) {
    clientFull = full;
    clientFullSince = loop.now();
  }

  private boolean takesNothing(long now) {
    return clientFull
        && now - clientFullSince
            > ListenLimits.SENDING_GRACES * loop.gateway.settings.slowBodyGrace().toNanos();
  }

  private void finish(HttpClientResponse answer) {
    if (phase != Phase.ANSWERING) {
      return;
    }
    putHead(answer);
    boolean came = body == null || body.isEnded();
    boolean sent = body == null || body.isSent();
    over();
    Answers.complete(request);
    if (!sent || webSocket) {
      abandonUpstream(); // what it did not read must not be its next request
    }
    if (!came) {
      Answers.dropBody(request);
    } else if (request.version() == HttpVersion.HTTP_1_0) {
      Answers.close(request); // RFC 9112 §9.3
    }
  }

  private void tunnel(HttpClientResponse answer) {
    String upgrade = answer.getHeader(HttpHeaders.UPGRADE);
    NetSocket far = answer.netSocket();
    far.pause();
    if (upgrade == null || !upgrade.equalsIgnoreCase("websocket")) {
      abandonUpstream();
      refuse(
          refusal(
              Reason.UPSTREAM_UNREACHABLE,
              "The upstream's answer can't be read",
              "the upstream switched to another protocol than asked for"));
      return;
    }
    phase = Phase.TUNNELLING;
    loop.gateway.fields.toClient(answer.headers(), response.headers(), false, cors().isActive());
    destination().ends().addTo(response.headers(), admitted);
    response
        .headers()
        .remove(HttpHeaders.CONTENT_LENGTH)
        .set(HttpHeaders.CONNECTION, "Upgrade")
        .set(HttpHeaders.UPGRADE, "websocket");
    request.toNetSocket().onComplete(near -> join(near, far), failed -> cut());
  }

  private void join(NetSocket near, NetSocket far) {
    HttpClientRequest asked = upstream;
    if (phase != Phase.TUNNELLING || asked == null) {
      Answers.cut(request);
      return;
    }
    new Tunnel(
            new Tunnel.End(near, Cutting.channel(request.connection())),
            new Tunnel.End(far, Cutting.channel(asked.connection())),
            this)
        .open();
  }

  /// One end of the tunnel closed: the other gets what is on its way, and closes.
  void tunnelEnded() {
    if (phase == Phase.OVER) {
      return;
    }
    HttpClientRequest asked = upstream;
    Turns.Turn held = place;
    if (asked != null && held != null) { // what is on its way still takes the place
      place = null;
      Cutting.channel(asked.connection()).closeFuture().addListener(closed -> held.close());
    }
    over();
    upstream = null;
  }

  private void clientFailed(Throwable failed) {
    if (failed instanceof MalformedBodyException) {
      bodyIsMalformed();
    } else {
      clientGone();
    }
  }

  private void bodyIsMalformed() {
    if (phase == Phase.OVER || phase == Phase.TUNNELLING) {
      return;
    }
    abandonUpstream();
    refuseOrBreakOff(
        refusal(
            Reason.MALFORMED_REQUEST,
            MalformedBodyException.DETAIL,
            MalformedBodyException.DETAIL));
  }

  // What there is of an answer is not the gate's.
  private void refuseOrBreakOff(Refusal refusal) {
    if (response.headWritten()) {
      over();
      Answers.breakOff(request);
    } else {
      refuse(refusal);
    }
  }

  private void clientGone() {
    if (phase != Phase.OVER && phase != Phase.TUNNELLING) {
      over();
      abandonUpstream();
    }
  }

  /// The client sent more than the route takes.
  void bodyTooLarge() {
    if (phase == Phase.OVER) {
      return;
    }
    abandonUpstream();
    refuse(
        refusal(
            Reason.BODY_TOO_LARGE,
            "This route takes at most " + destination().upstream().maxBodyBytes() + " bytes",
            "the body is too large"));
  }

  /// All of the body came, and it is not the one that was signed. Its end was withheld, so that the
  /// upstream has no whole request to act on, and gets none.
  void bodyIsWrong() {
    if (phase != Phase.OVER && admitted != null) {
      end(gate().refuseBody(arrival.auth(), route.policy(), admitted));
    }
  }

  /// Looks whether it may go on. Called four times a second.
  void sweep(long now) {
    long still = now - lastProgress - GatewayLoop.SWEEP_MILLIS * 1_000_000;
    Upstream to = destination().upstream();
    Decision.Admitted current = admitted;
    if (phase.isSent() && current != null && !mayGoOn(current)) {
      askAgain(now, current);
    } else {
      inDoubt = false;
    }
    if (body != null && body.isTooSlow(now, loop.gateway.settings)) {
      end(refusal(Reason.REQUEST_TIMEOUT, "The body came too slowly", "a slow body"));
      return;
    }
    switch (phase) {
      case QUEUED -> {
        if (still > to.queue().timeout().toNanos()) {
          end(noPlace());
        }
      }
      case CONNECTING -> {
        if (still > to.connectTimeout().toNanos()) {
          LOG.warn("{} can't be reached in time", to.audience());
          end(
              refusal(
                  Reason.UPSTREAM_UNREACHABLE,
                  "The upstream can't be reached",
                  "no connection within " + to.connectTimeout()));
        }
      }
      case WAITING -> {
        if (still > to.responseTimeout().toNanos()) {
          LOG.warn("{} did not answer in time", to.audience());
          end(
              refusal(
                  Reason.UPSTREAM_TIMEOUT,
                  "The upstream did not answer in time",
                  "no answer within " + to.responseTimeout()));
        }
      }
      case ANSWERING, TUNNELLING -> {
        if (still > to.idleTimeout().toNanos() || takesNothing(now)) {
          cut();
        }
      }
      case DECIDING, OVER -> {
        // not swept
      }
    }
  }

  // Something of the credential changed, or the feed fell silent: the gate is asked as if the
  // request came now. A rotated key or another grant goes on; everything else ends here.
  private void askAgain(long now, Decision.Admitted current) {
    if (!inDoubt) {
      inDoubt = true;
      inDoubtSince = now;
    } else if (now - inDoubtSince > MAX_DOUBT.toNanos()) {
      end(refusal(Reason.UNAVAILABLE, "The credential could not be verified now", "no answer"));
      return;
    }
    if (asking) {
      return;
    }
    asking = true;
    loop.gateway.admissions.review(
        current,
        arrival.auth(),
        route.policy(),
        decision -> {
          asking = false;
          switch (decision) {
            case Decision.Admitted again -> {
              admitted = again;
              inDoubt = false;
            }
            case Decision.Refused refused -> {
              // That nobody could say now is no refusal: it is looked at again at the next sweep.
              if (refused.refusal().reason() != Reason.UNAVAILABLE) {
                end(refused.refusal());
              }
            }
          }
        });
  }

  private boolean mayGoOn(Decision.Admitted current) {
    if (current.principal() == null) {
      return true;
    }
    Decision.Admitted renewed = gate().renew(current, arrival.auth()).orElse(null);
    if (renewed != null) {
      admitted = renewed;
    }
    return renewed != null;
  }

  // A refusal where there is still time for one; the cut otherwise.
  private void end(Refusal refusal) {
    if (phase == Phase.OVER) {
      return;
    }
    if (phase == Phase.TUNNELLING || response.headWritten()) {
      cut();
    } else {
      abandonUpstream();
      refuse(refusal);
    }
  }

  private Gate gate() {
    return loop.gateway.admissions.gate();
  }

  private Refusal refusal(Reason reason, String detail, String cause) {
    return admitted == null
        ? Refusal.of(arrival.auth(), reason, detail, cause)
        : Refusal.of(reason, detail, cause).onRecord(arrival.auth(), admitted);
  }

  private void refuse(Refusal refusal) {
    SingleUse failed = takeSingleUse();
    over();
    if (failed == null) {
      answer(refusal);
    } else { // before the sender hears of it, so that it may send the same again at once
      settle(failed::release, () -> answer(refusal));
    }
  }

  private @Nullable SingleUse takeSingleUse() {
    SingleUse reserved = singleUse;
    singleUse = null;
    return reserved;
  }

  private void release() {
    SingleUse failed = takeSingleUse();
    if (failed != null) {
      settle(failed::release, () -> {});
    }
  }

  private void settle(Runnable change, Runnable then) {
    loop.gateway.admissions.settle(
        change,
        () -> {
          try {
            then.run();
          } catch (RuntimeException failed) {
            fail(failed);
          }
        });
  }

  private void answer(Refusal refusal) {
    cors().addTo(request, response.headers());
    if (refusal.status() >= 500) { // the upstream's fault: the caller was let in
      destination().ends().addTo(response.headers(), admitted);
    }
    SignInLink signIn = loop.gateway.settings.signIn();
    if (signIn != null && refusal.mendedBySignIn() && !response.headWritten()) {
      sendToSignIn(signIn);
    } else {
      Answers.refuse(request, refusal);
    }
  }

  // RFC 9110 §15.4.4: 303 leads on with GET, whatever this was.
  private void sendToSignIn(SignInLink signIn) {
    String method = arrival.auth().method();
    String target = arrival.target();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    boolean comesBack = reads && target.startsWith("/");
    response
        .setStatusCode(303)
        .putHeader(HttpHeaders.LOCATION, comesBack ? signIn.leadingBackTo(target) : signIn.path())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answers.end(request, "");
  }

  private void cut() {
    if (phase == Phase.OVER) {
      return;
    }
    over();
    abandonUpstream();
    Answers.cut(request);
  }

  private void over() {
    phase = Phase.OVER;
    leavePlace();
    release();
    if (body != null) {
      body.stop();
    }
    if (listed) {
      listed = false;
      loop.remove(this);
    }
  }

  private void abandonUpstream() {
    HttpClientRequest abandoned = upstream;
    upstream = null;
    if (abandoned != null) {
      UpstreamClient.abandon(abandoned);
    }
  }
}
