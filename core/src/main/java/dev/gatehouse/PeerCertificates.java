package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.signing.PublicKeyCheck;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The certificates that a client presented, in the order in which it sent them, the client's own
/// (the leaf) first. The TLS handshake proved that the client has the private key of the leaf.
/// Nothing else about them is verified.
///
/// There is one object for each connection, so that digests are computed once. Thread-safe; does
/// not block.
public final class PeerCertificates {

  /// No certificate was presented.
  public static final PeerCertificates NONE = new PeerCertificates(List.of());

  private final List<X509Certificate> chain;
  private volatile @Nullable Digest thumbprint;
  private volatile boolean unbindable;
  private volatile @Nullable Digest digest;

  private PeerCertificates(List<X509Certificate> chain) {
    this.chain = chain;
  }

  /// Returns the chain as it was presented, leaf first. Copies the list.
  public static PeerCertificates of(List<X509Certificate> chain) {
    return chain.isEmpty() ? NONE : new PeerCertificates(List.copyOf(chain));
  }

  /// Whether no certificate was presented.
  public boolean isEmpty() {
    return chain.isEmpty();
  }

  /// Returns all certificates, leaf first; immutable.
  public List<X509Certificate> chain() {
    return chain;
  }

  /// Returns the client's own certificate; throws [java.util.NoSuchElementException] if there is
  /// none.
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /// Returns the SHA-256 of the leaf's DER, to which a token can be bound (RFC 8705 §3.1).
  ///
  /// @return null if there is no leaf, or if its public key is too weak to prove anything
  ///   ([PublicKeyCheck])
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
      return null; // a certificate that cannot be encoded binds no token
    }
  }

  /// Returns the SHA-256 of all presented certificates in their order.
  ///
  /// @return null if there is none, or if one cannot be encoded
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

  /// Returns the number of certificates, without any name.
  @Override
  public String toString() {
    return "PeerCertificates[" + chain.size() + "]";
  }
}
