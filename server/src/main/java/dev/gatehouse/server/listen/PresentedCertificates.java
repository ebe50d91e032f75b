package dev.gatehouse.server.listen;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.mtls.ForwardedCertificate;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Finds the certificates that clients show: in the connection's handshake, or in the field that a
/// listed proxy sets. Belongs to one event loop.
final class PresentedCertificates {

  /// What a proxy says.
  ///
  /// @param fault why it can't be read; null: it can
  record Forwarded(PeerCertificates certificates, @Nullable String fault) {

    static final Forwarded NONE = new Forwarded(PeerCertificates.NONE, null);
  }

  private static final int MAX_REMEMBERED = 256;

  private final @Nullable ForwardedCertificate field;

  // What was read last, by the text: the next request of a client shows the same.
  private final LinkedHashMap<List<List<String>>, Forwarded> read =
      new LinkedHashMap<>(16, 0.75f, true);

  /// @param field that listed proxies set; null: none counts
  PresentedCertificates(@Nullable ForwardedCertificate field) {
    this.field = field;
  }

  /// What the client of this connection showed in its handshake, resumed or not.
  static PeerCertificates of(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return PeerCertificates.NONE;
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
        if (!(certificate instanceof X509Certificate x509)) {
          return PeerCertificates.NONE; // a raw key and the like proves nothing that we know
        }
        chain.add(x509);
      }
      return PeerCertificates.of(chain);
    } catch (SSLPeerUnverifiedException none) {
      return PeerCertificates.NONE;
    }
  }

  /// What a listed proxy says of its client. The proxy's own certificate is not the client's.
  Forwarded by(HeaderFields fields) {
    if (field == null) {
      return Forwarded.NONE;
    }
    List<List<String>> text = field.fields().stream().map(fields::values).toList();
    if (text.stream().allMatch(List::isEmpty)) {
      return Forwarded.NONE;
    }
    Forwarded known = read.get(text);
    if (known != null) {
      return known;
    }
    Forwarded now =
        switch (field.read(fields)) {
          case ForwardedCertificate.Reading.None none -> Forwarded.NONE;
          case ForwardedCertificate.Reading.Chain(List<X509Certificate> chain) ->
              new Forwarded(PeerCertificates.of(chain), null);
          case ForwardedCertificate.Reading.Malformed(String why) ->
              new Forwarded(PeerCertificates.NONE, why);
        };
    if (read.size() == MAX_REMEMBERED) {
      read.pollFirstEntry();
    }
    read.put(text, now);
    return now;
  }
}
