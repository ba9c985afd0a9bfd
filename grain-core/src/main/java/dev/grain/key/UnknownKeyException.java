package dev.grain.key;

import java.security.PublicKey;
import java.security.cert.CertificateException;

/** The peer has shown a key, and it is none of ours. */
public final class UnknownKeyException extends CertificateException {
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
