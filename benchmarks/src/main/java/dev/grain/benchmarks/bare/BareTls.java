package dev.grain.benchmarks.bare;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Mutual TLS 1.3 of the JDK, by one key that both ends have. */
public final class BareTls {
  private static final String PASSWORD = "bare-yardstick";

  private final KeyManagerFactory keys;
  private final TrustManagerFactory trust;

  private BareTls(KeyManagerFactory keys, TrustManagerFactory trust) {
    this.keys = keys;
    this.trust = trust;
  }

  /**
   * Makes a file with a new key, by the JDK's keytool.
   *
   * @throws IOException if that fails
   */
  public static void createKey(Path file) throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "bare",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=bare",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool could not make a key in %s: %s".formatted(file, printed));
    }
  }

  /**
   * Reads the key.
   *
   * @throws GeneralSecurityException if it is of no use
   */
  public static BareTls load(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(new File(file.toString()), PASSWORD.toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("bare", store.getCertificate("bare"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    return new BareTls(keys, trust);
  }

  /**
   * Returns what makes sockets of the JDK with this key.
   *
   * @throws GeneralSecurityException if it is of no use
   */
  public SSLContext context() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  SslContext dialing() throws IOException {
    return build(
        SslContextBuilder.forClient().keyManager(keys).endpointIdentificationAlgorithm(null));
  }

  SslContext accepting() throws IOException {
    return build(SslContextBuilder.forServer(keys).clientAuth(ClientAuth.REQUIRE));
  }

  private SslContext build(SslContextBuilder builder) throws IOException {
    return builder
        .sslProvider(SslProvider.JDK)
        .protocols(List.of("TLSv1.3"))
        .trustManager(trust)
        .build();
  }
}
