package dev.gatehouse.client;

import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Reads a body into memory, up to a limit.
final class WholeBody implements BodySubscriber<byte[]> {

  private final int maxBytes;
  private final String tooLarge;
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private final List<byte[]> parts = new ArrayList<>();
  private int bytes;
  private Flow.@Nullable Subscription subscription;

  /// @param tooLarge the message of the exception if the body is larger than the limit
  WholeBody(int maxBytes, String tooLarge) {
    this.maxBytes = maxBytes;
    this.tooLarge = tooLarge;
  }

  /// What that publisher has, which is read once.
  static CompletableFuture<byte[]> of(BodyPublisher publisher, int maxBytes, String tooLarge) {
    WholeBody body = new WholeBody(maxBytes, tooLarge);
    if (publisher.contentLength() > maxBytes) {
      body.whole.completeExceptionally(new BodyTooLargeException(tooLarge));
    } else {
      publisher.subscribe(body.ofBuffers());
    }
    return body.whole;
  }

  private Flow.Subscriber<ByteBuffer> ofBuffers() {
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription given) {
        WholeBody.this.onSubscribe(given);
      }

      @Override
      public void onNext(ByteBuffer buffer) {
        WholeBody.this.onNext(List.of(buffer));
      }

      @Override
      public void onError(Throwable failed) {
        WholeBody.this.onError(failed);
      }

      @Override
      public void onComplete() {
        WholeBody.this.onComplete();
      }
    };
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      if (whole.isDone()) {
        return;
      }
      if (buffer.remaining() > maxBytes - bytes) {
        parts.clear();
        if (subscription != null) {
          subscription.cancel();
        }
        whole.completeExceptionally(new BodyTooLargeException(tooLarge));
        return;
      }
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part);
      parts.add(part);
      bytes += part.length;
    }
  }

  @Override
  public void onError(Throwable failed) {
    parts.clear();
    // The JDK's publishers wrap the failure to read a stream in this way
    whole.completeExceptionally(
        failed instanceof UncheckedIOException unchecked ? unchecked.getCause() : failed);
  }

  @Override
  public void onComplete() {
    ByteBuffer all = ByteBuffer.allocate(bytes);
    parts.forEach(all::put);
    parts.clear();
    whole.complete(all.array());
  }
}
