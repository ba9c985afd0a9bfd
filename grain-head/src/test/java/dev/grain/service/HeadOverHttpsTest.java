package dev.grain.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.key.ClusterKey;
import dev.grain.wire.Address;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of a head, called as people call it, with what they find in its folder. */
final class HeadOverHttpsTest {
  @TempDir private Path folder;

  @BeforeEach
  void makeClusterKey() throws Exception {
    ClusterKey.create(folder.resolve("cluster.key"));
  }

  private Path data() {
    return folder.resolve("data");
  }

  private HeadSettings settings() {
    return HeadSettings.of(data())
        .withListen(new Address("127.0.0.1", 0))
        .withHttps(new Address("127.0.0.1", 0))
        .withKey(folder.resolve("cluster.key"));
  }

  private String token() throws Exception {
    return Files.readString(data().resolve(FirstAdmin.FILE)).strip();
  }

  private SSLContext trusting() throws Exception {
    KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
    known.load(null, null);
    try (InputStream in = Files.newInputStream(data().resolve("https.crt"))) {
      known.setCertificateEntry(
          "head", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private String call(HeadProcess head, String token, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://%s/api/v1/%s".formatted(head.https(), path)))
            .header("Authorization", "Bearer " + token);
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body, UTF_8));
    }
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting()).build()) {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }

  @Test
  void jobsThatAreSubmitted_waitForWorkers_inEachLifeOfTheHead() throws Exception {
    String token;
    try (HeadProcess head = HeadProcess.start(settings())) {
      token = token();
      assertThat(call(head, token, "me", "")).startsWith("200 ").contains("admin");
      assertThat(call(head, token, "jobs", "{\"id\": \"x\", \"command\": [\"true\"]}"))
          .startsWith("201 ")
          .contains("QUEUED");
    }
    try (HeadProcess head = HeadProcess.start(settings())) {
      assertThat(head.loaded()).isEqualTo(1);
      assertThat(call(head, token, "jobs/x/explain", "")).startsWith("200 ").contains("QUEUED");
      assertThat(call(head, token, "jobs/x/cancel", "{}")).startsWith("200 ");
    }
  }

  @Test
  void tokenOfTheFirstUser_isMadeOnce_andAgainOnlyIfItWasNeverUsed() throws Exception {
    String first;
    try (HeadProcess _ = HeadProcess.start(settings())) {
      first = token();
      assertThat(Files.getPosixFilePermissions(data().resolve(FirstAdmin.FILE)))
          .containsExactlyInAnyOrder(
              PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }
    try (HeadProcess _ = HeadProcess.start(settings())) {
      assertThat(token()).isEqualTo(first);
    }
    // as if the head had been killed before it wrote the file
    Files.delete(data().resolve(FirstAdmin.FILE));
    String second;
    try (HeadProcess head = HeadProcess.start(settings())) {
      second = token();
      assertThat(call(head, first, "me", "")).startsWith("401 ");
      assertThat(call(head, second, "me", "")).startsWith("200 ");
    }
    Files.delete(data().resolve(FirstAdmin.FILE));
    try (HeadProcess head = HeadProcess.start(settings())) {
      assertThat(data().resolve(FirstAdmin.FILE)).doesNotExist();
      assertThat(call(head, second, "me", "")).startsWith("200 ");
    }
  }

  @Test
  void start_whereItsPortForHttpsIsTaken_saysSo() throws Exception {
    try (HeadProcess head = HeadProcess.start(settings())) {
      HeadSettings other =
          HeadSettings.of(folder.resolve("other"))
              .withListen(new Address("127.0.0.1", 0))
              .withHttps(head.https())
              .withKey(folder.resolve("cluster.key"));
      assertThatThrownBy(() -> HeadProcess.start(other))
          .isInstanceOf(HeadException.class)
          .hasMessageContaining("HTTP cannot be served at " + head.https());
    }
  }
}
