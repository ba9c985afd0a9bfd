package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.key.ServerKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same by HTTPS, with a certificate that the head makes. */
final class HttpsTest extends Served {
  private ServerKey key;
  private HttpServer secured;

  @BeforeEach
  void startSecured() throws IOException {
    key = ServerKey.loadOrCreate(folder.resolve("data"), List.of("localhost", "127.0.0.1"));
    secured = HttpServer.start(new HttpSettings("127.0.0.1", 0, Optional.of(key)), services());
  }

  @AfterEach
  void stopSecured() {
    secured.close();
  }

  private Certificate certificate() throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(key.certificate())) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private SSLContext trusting() throws IOException, GeneralSecurityException {
    KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
    known.load(null, null);
    known.setCertificateEntry("head", certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private HttpRequest me(String scheme, String host) {
    URI uri = URI.create("%s://%s:%s/api/v1/me".formatted(scheme, host, secured.port()));
    return HttpRequest.newBuilder(uri)
        .header("Authorization", "Bearer " + tokens.get("ada"))
        .build();
  }

  @Test
  void callers_whoHaveTheCertificate_callByEachOfItsNames() throws Exception {
    try (HttpClient https = HttpClient.newBuilder().sslContext(trusting()).build()) {
      for (String host : List.of("localhost", "127.0.0.1")) {
        HttpResponse<String> answer = https.send(me("https", host), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("ada");
        assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      }
    }
  }

  @Test
  void callers_whoDoNotKnowTheHead_orUseNoTls_getNothing() {
    assertThatThrownBy(() -> client.send(me("https", "localhost"), BodyHandlers.ofString()))
        .isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> client.send(me("http", "localhost"), BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void key_isTheSame_inAllLivesOfTheHead() throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(certificate().getPublicKey().getEncoded());
    assertThat(key.fingerprint())
        .isEqualTo("SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest));
    Files.delete(key.certificate());
    ServerKey again = ServerKey.loadOrCreate(folder.resolve("data"), List.of());
    assertThat(again.fingerprint()).isEqualTo(key.fingerprint());
    assertThat(again.certificate()).exists();
    assertThat(Files.getPosixFilePermissions(folder.resolve("data/https.key"))).hasSize(2);
    assertThat(Files.readString(again.certificate())).doesNotContain("PRIVATE");
    Files.writeString(folder.resolve("data/https.key"), "x");
    assertThatThrownBy(() -> ServerKey.loadOrCreate(folder.resolve("data"), List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("The key for HTTPS in")
        .hasMessageContaining("is damaged")
        .hasMessageContaining("Restore it from a backup");
  }
}
