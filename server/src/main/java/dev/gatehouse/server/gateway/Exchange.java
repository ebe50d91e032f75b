package dev.gatehouse.server.gateway;

import dev.gatehouse.Gate;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.ConnectionCloser;
import dev.gatehouse.server.listen.MalformedBodyException;
import dev.gatehouse.throttle.Turns;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of one request: the decision, the way to the upstream, and the answer. Holds what stays
/// the same in all phases, and the [Phase] in which the request is.
///
/// Every transition is a method here. Those that go on are, with the phase in which each happens:
///
/// | Phase | Event | Next phase |
/// |---|---|---|
/// | | [#begin] | [Judging] |
/// | [Judging] | the gate admits: [#prepare] | [Preparing] |
/// | [Preparing] | nothing stands against it: [#queue] | [Queued] |
/// | [Queued] | it gets a place: [#connect] | [Connecting] |
/// | [Connecting] | a connection comes, the admission holds: [#send] | [AwaitingAnswer] |
/// | [Connecting] | the admission does not hold: [#review] | [Reviewing] |
/// | [Connecting] | no key signs the identity: [#awaitIdentityKey] | [AwaitingIdentityKey] |
/// | [Reviewing], [AwaitingIdentityKey] | that is settled: [#connect] | [Connecting] |
/// | [AwaitingAnswer] | the connection was stale: [#retry] | [Connecting] |
/// | [AwaitingAnswer] | an answer comes: [#answer] | [Answering] |
/// | [AwaitingAnswer] | the upstream opens the WebSocket: [#tunnel] | [WebSocketTunnel] |
/// | [Answering] | the answer ends: [#finish(Answering)] | [Phase.Over] |
/// | [WebSocketTunnel] | one end closes: [#finish(WebSocketTunnel)] | [Phase.Over] |
///
/// Those that end it early lead from any phase to [Phase.Over]: a refusal ([#refuse],
/// [#refuseOrCut], [#refuseOrBreakOff]), an end that the client can tell from the answer's
/// ([#cut]), the client that leaves, and an error of our own ([#fail]).
///
/// Belongs to one event loop. In every case the client gets a complete answer, a refusal, or an end
/// that it can tell from a complete answer.
final class Exchange {

  /// Where all phases write what went wrong.
  static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  final GatewayLoop loop;
  final Arrival arrival;
  final RequestPath path;
  final Route<Destination> route;
  final HttpServerRequest request;
  final HttpServerResponse response;
  final ForwardedBody body;

  /// Whether it asks for a WebSocket.
  final boolean webSocket;

  // The list of the loop's open exchanges.
  @Nullable Exchange next;
  @Nullable Exchange previous;

  private Phase phase = new Judging(this);
  private int timesSent;
  private long lastProgress;

  Exchange(GatewayLoop loop, Arrival arrival, RequestPath path, Route<Destination> route) {
    this.loop = loop;
    this.arrival = arrival;
    this.path = path;
    this.route = route;
    this.request = arrival.http();
    this.response = request.response();
    this.body = ForwardedBody.of(this);
    this.webSocket = WebSocketHandshake.isAskedForBy(arrival);
  }

  Gate gate() {
    return loop.gateway.admissions.gate();
  }

  /// The time as [GatewayLoop#now].
  long now() {
    return loop.now();
  }

  /// Bytes moved, or the phase began: idle times count from now on.
  void progressed() {
    lastProgress = loop.now();
  }

  /// Whether nothing has moved for longer than that.
  boolean isIdleFor(Duration timeout, long now) {
    return now - lastProgress - GatewayLoop.SWEEP_INTERVAL_MILLIS * 1_000_000 > timeout.toNanos();
  }

  /// How often the request was sent to the upstream.
  int timesSent() {
    return timesSent;
  }

  private void enter(Phase next) {
    phase = next;
    next.begin();
  }

  /// Begins with the decision of the gate.
  void begin() {
    loop.add(this);
    response.closeHandler(closed -> clientGone());
    response.exceptionHandler(this::clientFailed);
    try {
      phase.begin();
    } catch (RuntimeException failed) {
      fail(failed);
    }
  }

  /// The gate has admitted the request.
  void prepare(Admission admission) {
    enter(new Preparing(this, admission));
  }

  /// The request may go on: it asks for a place at the upstream.
  void queue(Admission admission) {
    Turns.Turn place =
        route
            .destination()
            .places()
            .ask(
                webSocket,
                admission.caller(),
                () -> loop.context.runOnContext(decided -> placeDecided()));
    enter(new Queued(this, admission, place));
  }

  /// The request has a place, and needs a connection.
  void connect(Placed before) {
    enter(new Connecting(before));
  }

  /// The admission no longer holds by itself.
  void review(Connecting before) {
    enter(new Reviewing(before));
  }

  /// No key signs the identity token of the caller now.
  void awaitIdentityKey(Connecting before, Principal caller) {
    enter(new AwaitingIdentityKey(before, caller));
  }

  /// Everything is at hand: the request is sent on that connection.
  ///
  /// @param identity the caller's identity token for this upstream; null: there is no caller
  void send(Connecting before, HttpClientRequest unsent, @Nullable String identity) {
    before.admission.requestIsSent();
    timesSent++;
    enter(new AwaitingAnswer(before, unsent, identity));
  }

  /// The connection was stale: the request is given up there, and sent on another one.
  void retry(AwaitingAnswer before) {
    UpstreamClient.abandon(before.sent);
    connect(before);
  }

  /// The head of the upstream's answer is here.
  void answer(AwaitingAnswer before, HttpClientResponse answer) {
    enter(new Answering(before, answer));
  }

  /// The upstream has opened the WebSocket.
  void tunnel(AwaitingAnswer before, HttpClientResponse switching) {
    enter(new WebSocketTunnel(before, switching));
  }

  /// The answer is complete. The connection to the upstream is kept if all of the request was sent.
  void finish(Answering last) {
    boolean came = body.isEnded();
    boolean sent = body.isSent();
    over();
    last.place.close();
    Answers.complete(request);
    if (!sent || webSocket) {
      UpstreamClient.abandon(last.sent); // what it did not read must not be its next request
    }
    if (!came) {
      Answers.dropBody(request);
    } else if (request.version() == HttpVersion.HTTP_1_0) {
      Answers.close(request); // RFC 9112 §9.3
    }
  }

  /// One end of the tunnel closed. What is on its way still takes the place at the upstream.
  void finish(WebSocketTunnel last) {
    ConnectionCloser.channel(last.sent.connection())
        .closeFuture()
        .addListener(closed -> last.place.close());
    over();
    last.admission.use().release(this);
  }

  // The transitions that end it early.

  private Phase over() {
    Phase left = phase;
    phase = Phase.OVER;
    body.stop();
    loop.remove(this);
    return left;
  }

  // Gives back what the phase holds.
  private Phase leave() {
    Phase left = over();
    left.giveBack();
    return left;
  }

  private void abandon() {
    Admission admission = leave().admission();
    if (admission != null) {
      admission.use().release(this);
    }
  }

  /// Answers with a refusal. To be called while the head of another answer is not written.
  void refuse(Refusal refusal) {
    Admission admission = leave().admission();
    if (admission == null) {
      RefusalAnswer.send(this, refusal, null);
    } else { // released before the sender hears of it, so that it may send the same again at once
      admission.use().release(this, () -> RefusalAnswer.send(this, refusal, admission.current()));
    }
  }

  /// Answers with a refusal where there is still time for one. Otherwise cuts: the request may not
  /// go on.
  void refuseOrCut(Refusal refusal) {
    switch (phase) {
      case Phase.Over _ -> {
        // it is answered
      }
      case WebSocketTunnel _ -> cut();
      case Judging _, Preparing _, Placed _ -> {
        if (response.headWritten()) {
          cut();
        } else {
          refuse(refusal);
        }
      }
    }
  }

  /// Answers with a refusal where there is still time for one. Otherwise breaks off: the client
  /// gets what there is of the answer.
  void refuseOrBreakOff(Refusal refusal) {
    if (response.headWritten()) {
      abandon();
      Answers.breakOff(request);
    } else {
      refuse(refusal);
    }
  }

  /// Ends the answer, or the WebSocket, at once.
  void cut() {
    if (!isIn(Phase.OVER)) {
      abandon();
      Answers.cut(request);
    }
  }

  /// Gives up after an error of our own.
  void fail(RuntimeException failed) {
    if (!isIn(Phase.OVER)) {
      abandon();
      GatewayLoop.failed(arrival, failed);
    }
  }

  /// Whether it is in that phase: an event of any other does not count.
  boolean isIn(Phase one) {
    return phase.equals(one);
  }

  /// Handles an event of that phase. It does nothing when the exchange is in another one.
  void handle(Phase waiting, Runnable event) {
    if (isIn(waiting)) {
      try {
        event.run();
      } catch (RuntimeException failed) {
        fail(failed);
      }
    }
  }

  /// Confirms or releases a single use off the event loop.
  ///
  /// @param then is called on the event loop when that is done, or has failed
  void settle(Runnable change, Runnable then) {
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

  /// Looks whether it may go on. Called four times a second.
  void sweep(long now) {
    phase.sweep(now);
  }

  private void placeDecided() {
    if (phase instanceof Queued queued) {
      handle(queued, queued::placeDecided);
    }
  }

  /// A request that was sent to the upstream failed, or the answer to it.
  void upstreamFailed(HttpClientRequest sent, Throwable failed) {
    if (phase instanceof Sent current && current.sent.equals(sent)) {
      current.upstreamFailed(failed);
    } // otherwise it was given up
  }

  private void clientGone() {
    switch (phase) {
      case Phase.Over _, WebSocketTunnel _ -> {
        // it is answered; the sockets of the tunnel tell it
      }
      case Judging _, Preparing _, Placed _ -> abandon();
    }
  }

  /// The request, or the response, can't be read or written any further.
  void clientFailed(Throwable failed) {
    if (failed instanceof MalformedBodyException) {
      bodyIsMalformed();
    } else {
      clientGone();
    }
  }

  private void bodyIsMalformed() {
    switch (phase) {
      case Phase.Over _, WebSocketTunnel _ -> {
        // it is answered; a WebSocket has no body
      }
      case Judging _, Preparing _, Placed _ ->
          refuseOrBreakOff(
              refusal(
                  Reason.MALFORMED_REQUEST,
                  MalformedBodyException.DETAIL,
                  MalformedBodyException.DETAIL));
    }
  }

  /// The client sent more than the route takes.
  void bodyTooLarge() {
    if (!isIn(Phase.OVER)) {
      refuseOrBreakOff(
          refusal(
              Reason.BODY_TOO_LARGE,
              "This route takes at most "
                  + route.destination().upstream().maxBodyBytes()
                  + " bytes",
              "the body is too large"));
    }
  }

  /// All of the body came, and it is not the one that was signed. Its end was withheld, so that the
  /// upstream has no whole request to act on, and gets none.
  void bodyIsWrong() {
    Admission admission = phase.admission();
    if (admission != null) {
      refuseOrCut(gate().refuseBody(arrival.auth(), route.policy(), admission.current()));
    }
  }

  private Refusal refusal(Reason reason, String detail, String cause) {
    Admission admission = phase.admission();
    return admission == null
        ? Refusal.of(arrival.auth(), reason, detail, cause)
        : admission.refusal(reason, detail, cause);
  }
}
