package dev.grain.key;

import dev.grain.key.Security.UnknownKeyException;
import java.net.Socket;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts those who have one of the keys. That they have it is proven by the TLS handshake. */
final class KeyTrust extends X509ExtendedTrustManager {
  private final List<PublicKey> keys;

  KeyTrust(List<OfferedKey> pairs) {
    this.keys = pairs.stream().map(OfferedKey::publicKey).toList();
  }

  private void ensureKnown(X509Certificate[] chain) throws UnknownKeyException {
    PublicKey shown = chain[0].getPublicKey();
    if (!keys.contains(shown)) {
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
