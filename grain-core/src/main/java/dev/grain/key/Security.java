package dev.grain.key;

import io.netty.handler.ssl.SslHandler;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How connections are protected: mutual TLS 1.3 with a cluster key, or not at all.
 *
 * <p>Either side must show that it has one of the key pairs of the other. Nothing else counts: no
 * name, no date, no authority.
 *
 * <p>May be shared by any number of endpoints.
 *
 * <p>Implementation note: the JDK's context is made here and not by Netty's builder, which would
 * read all authorities that the JDK knows, and put the key through an encrypted key store.
 */
public final class Security {
  private static final String PROTOCOL = "TLSv1.3";
  private static final Security PLAIN_TEXT = new Security(null);

  /** The suites in the order of preference, the faster first: both are beyond any attack. */
  private static final String[] SUITES = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

  // those of the cluster key alone: a client makes a key for each kind of group that it may use
  private static final String[] GROUPS = {"secp256r1"};
  private static final String[] SCHEMES = {"ecdsa_secp256r1_sha256"};

  private final @Nullable SSLContext context;

  private Security(@Nullable SSLContext context) {
    this.context = context;
  }

  /** Returns what lets in those that have the key, and nobody else. */
  public static Security tls(ClusterKey key) {
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(
          new KeyManager[] {new KeyOffer(key.pairs().getFirst())},
          new TrustManager[] {KeyTrust.in(key.pairs())},
          null);
      return new Security(context);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime offers no " + PROTOCOL, missing);
    }
  }

  /**
   * Returns what lets in everybody who can reach the port, and protects nothing on the way. Whoever
   * is let in can run code.
   */
  public static Security plainText() {
    return PLAIN_TEXT;
  }

  /** Returns whether what goes over a connection is encrypted. */
  public boolean isEncrypted() {
    return context != null;
  }

  /** Returns what protects a connection that this side dials; null for none. */
  public @Nullable SslHandler dialing() {
    return context == null ? null : handler(context, true);
  }

  /** Returns what protects a connection that this side accepts; null for none. */
  public @Nullable SslHandler accepting() {
    return context == null ? null : handler(context, false);
  }

  private static SslHandler handler(SSLContext context, boolean dialing) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(dialing);
    // that names are not looked at is what the engine does by itself
    SSLParameters parameters = new SSLParameters(SUITES, new String[] {PROTOCOL});
    parameters.setNamedGroups(GROUPS);
    parameters.setSignatureSchemes(SCHEMES);
    parameters.setNeedClientAuth(true);
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine);
    // the time-out of the hello covers this one
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /** The peer has shown a key, and it is none of ours. */
  public static final class UnknownKeyException extends CertificateException {
    private static final long serialVersionUID = 1;

    private final String fingerprint;

    UnknownKeyException(PublicKey key) {
      super("unknown key");
      this.fingerprint = OfferedKey.fingerprint(key);
    }

    /** Returns the fingerprint of the peer's key. */
    public String fingerprint() {
      return fingerprint;
    }
  }
}
