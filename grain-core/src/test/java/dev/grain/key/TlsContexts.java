package dev.grain.key;

import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** TLS contexts of peers that are not Grain's own. */
public final class TlsContexts {
  private static final char[] PASSWORD = {'x'};

  private TlsContexts() {}

  /**
   * Returns a context that trusts the peers that have the key.
   *
   * @param shown whether this side shows that it has the key as well
   */
  public static SSLContext of(ClusterKey key, boolean shown) throws Exception {
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(
        shown ? keyManagers(key) : new KeyManager[0],
        new TrustManager[] {KeyTrust.in(key.pairs())},
        null);
    return context;
  }

  private static KeyManager[] keyManagers(ClusterKey key) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, PASSWORD);
    OfferedKey pair = key.pairs().getFirst();
    store.setKeyEntry("key", pair.privateKey(), PASSWORD, new Certificate[] {pair.certificate()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    return keys.getKeyManagers();
  }
}
