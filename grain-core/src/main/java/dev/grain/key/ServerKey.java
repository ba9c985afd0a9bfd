package dev.grain.key;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * What proves that a server is the one that its callers know: a key pair in a file, and its
 * certificate in another one beside it, which callers are given. They recognize the server by the
 * fingerprint of its public key, as nobody else has signed it.
 *
 * <p>The methods block on the file system, and may be called by any thread. Their errors are
 * sentences that state the file and what to do.
 */
public final class ServerKey {
  private static final String PRIVATE = "https.key";
  private static final String PUBLIC = "https.crt";

  private final Path certificate;
  private final OfferedKey pair;

  private ServerKey(Path certificate, OfferedKey pair) {
    this.certificate = certificate;
    this.pair = pair;
  }

  /**
   * Reads the key in a folder, or makes it if there is none.
   *
   * @param hosts the names and addresses by which the server may be called, which a certificate
   *     that is made has
   * @throws IOException if it can neither be read nor be made
   */
  public static ServerKey loadOrCreate(Path folder, List<String> hosts) throws IOException {
    Path file = folder.resolve(PRIVATE);
    if (Files.notExists(file)) {
      KeyFile.SERVER.writeNew(file, List.of(OfferedKey.make("Grain head", hosts, Instant.now())));
    }
    OfferedKey pair = KeyFile.SERVER.read(file).getFirst();
    Path certificate = folder.resolve(PUBLIC);
    write(certificate, pair);
    return new ServerKey(certificate, pair);
  }

  private static void write(Path file, OfferedKey pair) throws IOException {
    byte[] content = encoded(pair).getBytes(StandardCharsets.US_ASCII);
    if (Files.exists(file) && Files.size(file) == content.length) {
      byte[] there = Files.readAllBytes(file);
      if (Arrays.equals(there, content)) {
        return;
      }
    }
    Path beside = file.resolveSibling(PUBLIC + ".new");
    Files.write(beside, content);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String encoded(OfferedKey pair) {
    try {
      return KeyFile.block(KeyFile.CERTIFICATE, pair.certificate().getEncoded());
    } catch (CertificateEncodingException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Returns the file with the certificate, which holds no secret. */
  public Path certificate() {
    return certificate;
  }

  /** Returns the short text that stands for the public key. */
  public String fingerprint() {
    return pair.fingerprint();
  }

  /** Returns what accepts connections by TLS. */
  public SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new KeyOffer(pair)}, new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("This Java runtime offers no TLS", missing);
    }
  }

  /** Tells the fingerprint. */
  @Override
  public String toString() {
    return pair.toString();
  }
}
