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

  private HttpResponse<String> metrics(String... headers) throws Exception {
    URI uri = URI.create("https://127.0.0.1:%s/metrics".formatted(secured.port()));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient https = HttpClient.newBuilder().sslContext(trusting()).build()) {
      return https.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void callers_onThisMachine_seeMetricsWithoutAToken_unlessTheyCallForOthers() throws Exception {
    assertThat(metrics().statusCode()).isEqualTo(200);
    assertThat(metrics("X-Forwarded-For", "10.1.2.3").statusCode()).isEqualTo(401);
    String eve = "Bearer " + tokens.get("eve");
    assertThat(metrics("Authorization", eve).statusCode()).isEqualTo(403);
  }

  @Test
  void metrics_withoutTheStore_haveTheRest() throws Exception {
    store.close();
    HttpResponse<String> answer = metrics();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("grain_jobs{state=\"queued\"} NaN")
        .contains("grain_nodes{state=\"connected\"} 2.0");
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
