package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import io.vertx.core.http.HttpClientRequest;
import org.jspecify.annotations.Nullable;

/// The body of a request that has none: no byte arrives.
enum NoBody implements ForwardedBody {
  INSTANCE;

  @Override
  public void withhold() {
    // nothing to withhold
  }

  @Override
  public void take() {
    // nothing comes
  }

  @Override
  public void leaveToGate() {
    // nothing to read
  }

  @Override
  public void takeFromGate() {
    // nothing was read
  }

  @Override
  public boolean mayMeet(@Nullable BodyDigest digest) {
    return digest == null || digest.matches(digest.begin());
  }

  @Override
  public boolean isTooLarge() {
    return false;
  }

  @Override
  public boolean isEnded() {
    return true;
  }

  @Override
  public boolean isEmpty() {
    return true;
  }

  @Override
  public boolean isSent() {
    return true;
  }

  @Override
  public void sendTo(HttpClientRequest upstream) {
    upstream.end();
  }

  @Override
  public boolean isTooSlow(long now, GatewaySettings settings) {
    return false;
  }

  @Override
  public void stop() {
    // nothing comes
  }
}
