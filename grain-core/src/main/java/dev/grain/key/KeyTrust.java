package dev.grain.key;

import dev.grain.key.Security.UnknownKeyException;
import java.net.Socket;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts those who have a known key. That they have it is proven by the TLS handshake. */
final class KeyTrust extends X509ExtendedTrustManager {
  private final Predicate<PublicKey> known;

  KeyTrust(Predicate<PublicKey> known) {
    this.known = known;
  }

  /** Returns trust in those who have one of these keys. */
  static KeyTrust in(List<OfferedKey> pairs) {
    return new KeyTrust(pairs.stream().map(OfferedKey::publicKey).toList()::contains);
  }

  private void ensureKnown(X509Certificate[] chain) throws UnknownKeyException {
    PublicKey shown = chain[0].getPublicKey();
    if (!known.test(shown)) {
      throw new UnknownKeyException(shown);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ensureKnown(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
