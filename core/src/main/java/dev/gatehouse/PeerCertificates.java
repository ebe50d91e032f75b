package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.signing.PublicKeyCheck;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The certificates that a client showed, leaf first, as it sent them: the handshake proved that it
/// has the leaf's key, and nothing else of them is verified.
///
/// One object for each connection, so that what is computed of them is computed once. Thread-safe.
public final class PeerCertificates {

  /// None was shown.
  public static final PeerCertificates NONE = new PeerCertificates(List.of());

  private final List<X509Certificate> chain;
  private volatile @Nullable Digest thumbprint;
  private volatile boolean unbindable;
  private volatile @Nullable Digest digest;

  private PeerCertificates(List<X509Certificate> chain) {
    this.chain = chain;
  }

  /// The chain as it was shown, leaf first.
  public static PeerCertificates of(List<X509Certificate> chain) {
    return chain.isEmpty() ? NONE : new PeerCertificates(List.copyOf(chain));
  }

  /// Whether none was shown.
  public boolean isEmpty() {
    return chain.isEmpty();
  }

  /// All of them, leaf first.
  public List<X509Certificate> chain() {
    return chain;
  }

  /// The client's own; throws [java.util.NoSuchElementException] when there is none.
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /// The SHA-256 of the leaf's DER (RFC 8705 §3.1): what a token is bound to. Null when there is no
  /// leaf, or one whose key proves nothing ([PublicKeyCheck]).
  public @Nullable Digest thumbprint() {
    Digest known = thumbprint;
    if (known == null && !unbindable && !chain.isEmpty()) {
      known = ofSoundLeaf();
      thumbprint = known;
      unbindable = known == null;
    }
    return known;
  }

  private @Nullable Digest ofSoundLeaf() {
    try {
      return PublicKeyCheck.fault(leaf().getPublicKey()) == null
          ? Digest.sha256(leaf().getEncoded())
          : null;
    } catch (CertificateEncodingException unencodable) {
      return null; // what can't be encoded is bound to nothing
    }
  }

  /// The SHA-256 of everything that was shown, in its order; null when there is nothing, or nothing
  /// that can be written down.
  public @Nullable Digest digest() {
    Digest known = digest;
    if (known == null && !chain.isEmpty()) {
      try {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (X509Certificate certificate : chain) {
          byte[] der = certificate.getEncoded();
          all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(der.length).array());
          all.writeBytes(der);
        }
        known = Digest.sha256(all.toByteArray());
      } catch (CertificateEncodingException unencodable) {
        return null;
      }
      digest = known;
    }
    return known;
  }

  /// Says how many, and names nobody.
  @Override
  public String toString() {
    return "PeerCertificates[" + chain.size() + "]";
  }
}
