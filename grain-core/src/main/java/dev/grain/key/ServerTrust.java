package dev.grain.key;

import dev.grain.key.Security.UnknownKeyException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trust in the one server whose public key has a fingerprint, as {@link ServerKey} tells it.
 * Nothing else counts: no name, no date, no authority. Immutable.
 */
public final class ServerTrust {
  private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");
  private static final int MOST_CAUSES = 20;

  private final String fingerprint;

  private ServerTrust(String fingerprint) {
    this.fingerprint = fingerprint;
  }

  /**
   * Returns trust in the server with a fingerprint.
   *
   * @throws IllegalArgumentException if the text is no fingerprint
   */
  public static ServerTrust of(String fingerprint) {
    if (!FINGERPRINT.matcher(fingerprint).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not the fingerprint of a key. Expected: SHA256: and 43 letters, digits, + or /, as 'grain head start' prints it."
              .formatted(fingerprint));
    }
    return new ServerTrust(fingerprint);
  }

  /**
   * Returns trust in the server that a certificate was made for.
   *
   * @param certificate the file that {@link ServerKey#certificate} names, or a copy of it
   * @throws IOException if it cannot be read, or is no certificate
   */
  public static ServerTrust of(Path certificate) throws IOException {
    try (InputStream in = Files.newInputStream(certificate)) {
      PublicKey key =
          CertificateFactory.getInstance("X.509").generateCertificate(in).getPublicKey();
      return new ServerTrust(OfferedKey.fingerprint(key));
    } catch (CertificateException e) {
      throw new IOException(
          "%s is not a certificate. Copy https.crt from the data folder of the head."
              .formatted(certificate),
          e);
    }
  }

  /** Returns the short text that stands for the public key of the server. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Returns what connects to the server, and to no other one. */
  public SSLContext context() {
    return context(key -> OfferedKey.fingerprint(key).equals(fingerprint));
  }

  private static SSLContext context(Predicate<PublicKey> known) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[0], new TrustManager[] {new KeyTrust(known)}, null);
      return context;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime offers no TLS", missing);
    }
  }

  /** Returns the fingerprint of the server whose key was refused, if that is why TLS failed. */
  public static Optional<String> refused(Throwable failure) {
    Throwable each = failure;
    for (int i = 0; each != null && i < MOST_CAUSES; i++, each = each.getCause()) {
      if (each instanceof UnknownKeyException unknown) {
        return Optional.of(unknown.fingerprint());
      }
    }
    return Optional.empty();
  }

  /**
   * Asks a server for its key. Whether it has it is not proven by that: the answer is for somebody
   * to compare, and the next connection proves it.
   *
   * @param patience how long to wait for each step
   * @throws IOException if nothing answers there, or not by TLS
   */
  public static String shownBy(String host, int port, Duration patience) throws IOException {
    int millis = Math.toIntExact(patience.toMillis());
    Socket plain = new Socket();
    try (plain) {
      plain.connect(new InetSocketAddress(host, port), millis);
      plain.setSoTimeout(millis);
      // no key is known, so the handshake ends before anything is sent
      return handshake(context(_ -> false), plain, host, port);
    }
  }

  private static String handshake(SSLContext context, Socket plain, String host, int port)
      throws IOException {
    @Nullable SSLException failure = null;
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
      socket.startHandshake();
    } catch (SSLException e) {
      failure = e;
    }
    if (failure == null) {
      throw new SSLException("The server has shown no key.");
    }
    SSLException seen = failure;
    return refused(seen).orElseThrow(() -> seen);
  }

  /** Tells the fingerprint. */
  @Override
  public String toString() {
    return fingerprint;
  }
}
