package dev.grain.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerTrustTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path folder;

  private ServerKey key;
  private ServerSocket server;
  private Thread serving;

  @BeforeEach
  void serve() throws IOException {
    // callers look at the key, and at none of these names
    key = ServerKey.loadOrCreate(folder, List.of("elsewhere.example"));
    server =
        key.context()
            .getServerSocketFactory()
            .createServerSocket(0, 8, InetAddress.getLoopbackAddress());
    serving = Thread.ofPlatform().name("serving").start(() -> answerAll(server));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    serving.join();
  }

  private static void answerAll(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        int first = socket.getInputStream().read();
        socket.getOutputStream().write(first);
        socket.getOutputStream().flush();
      } catch (IOException e) {
        // the caller does not trust the key, or the test is over
      }
    }
  }

  private String host() {
    return server.getInetAddress().getHostAddress();
  }

  private int ask(ServerTrust trust) throws IOException {
    try (Socket socket =
        trust.context().getSocketFactory().createSocket(host(), server.getLocalPort())) {
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      socket.getOutputStream().write(7);
      socket.getOutputStream().flush();
      return socket.getInputStream().read();
    }
  }

  @Test
  void server_withTheKey_isTrusted_byFingerprintAndByCertificate() throws IOException {
    assertThat(ask(ServerTrust.of(key.fingerprint()))).isEqualTo(7);
    ServerTrust ofFile = ServerTrust.of(key.certificate());
    assertThat(ofFile.fingerprint()).isEqualTo(key.fingerprint());
    assertThat(ask(ofFile)).isEqualTo(7);
  }

  @Test
  void server_withAnotherKey_isRefused_andItsFingerprintIsTold() throws IOException {
    ServerTrust other =
        ServerTrust.of(ServerKey.loadOrCreate(folder.resolve("other"), List.of()).certificate());
    assertThatThrownBy(() -> ask(other))
        .isInstanceOf(SSLHandshakeException.class)
        .satisfies(failure -> assertThat(ServerTrust.refused(failure)).contains(key.fingerprint()));
    assertThat(ServerTrust.refused(new IOException("another reason"))).isEmpty();
  }

  @Test
  void shownBy_aServer_isItsFingerprint() throws IOException {
    assertThat(ServerTrust.shownBy(host(), server.getLocalPort(), PATIENCE))
        .isEqualTo(key.fingerprint());
  }

  @Test
  void shownBy_whatHasNoTls_fails() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try (Socket socket = plain.accept()) {
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 400 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  // the caller has gone
                }
              });
      assertThatThrownBy(() -> ServerTrust.shownBy(host(), plain.getLocalPort(), PATIENCE))
          .isInstanceOf(IOException.class);
      thread.join();
    }
  }

  @Test
  void of_whatIsNoFingerprintOrCertificate_saysWhatIsOne() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerTrust.of("SHA256:abc"))
        .withMessageContaining("\"SHA256:abc\" is not the fingerprint")
        .withMessageContaining("grain head start");
    Path file = Files.writeString(folder.resolve("x.crt"), "no certificate");
    assertThatIOException()
        .isThrownBy(() -> ServerTrust.of(file))
        .withMessageContaining("x.crt is not a certificate");
    assertThatIOException().isThrownBy(() -> ServerTrust.of(folder.resolve("missing.crt")));
  }
}
