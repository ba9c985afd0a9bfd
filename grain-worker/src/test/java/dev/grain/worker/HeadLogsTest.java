package dev.grain.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.wire.Address;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a command prints under a head that is killed meanwhile, read as people read it. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class HeadLogsTest {
  @TempDir private Path folder;

  private Path data() {
    return folder.resolve("data");
  }

  private Launcher start(Cluster cluster, Address address) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.addAll(
        List.of(
            HeadProgram.class.getName(),
            data().toString(),
            address.toString(),
            cluster.key().toString(),
            folder.toString(),
            "0"));
    Launcher head = Launcher.start(folder, Map.of(), command);
    assertThat(head.line()).as(head.errors()).isEqualTo("started");
    return head;
  }

  private HttpClient client() throws Exception {
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
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private HttpRequest.Builder request(String path) throws IOException {
    String url = Files.readString(data().resolve("https.url")).strip();
    String token = Files.readString(data().resolve("admin.token")).strip();
    return HttpRequest.newBuilder(URI.create(url + "/api/v1/jobs" + path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json");
  }

  private String get(HttpClient client, String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString()).body();
  }

  /** Waits until the job has made a file. */
  private void await(String file) throws InterruptedException {
    while (!Files.exists(folder.resolve(file))) {
      if (Thread.interrupted()) {
        throw new InterruptedException(file + " is not there");
      }
      Thread.onSpinWait();
    }
  }

  /** Returns a line that waits for a file. */
  private String until(String file) {
    return "until test -e %s; do sleep 0.05; done".formatted(folder.resolve(file));
  }

  @Test
  void lines_printedBefore_whileAndAfterTheHeadIsAway_areInTheLog() throws Exception {
    Address address = new Address("127.0.0.1", Ports.free());
    String script =
        String.join(
            "; ",
            "echo out 1",
            "echo err 1 >&2",
            until("away"),
            "echo out 2",
            "echo err 2 >&2",
            "touch " + folder.resolve("printed"),
            until("back"),
            "echo out 3");
    try (Cluster cluster = new Cluster(folder)) {
      try (Launcher _ = start(cluster, address);
          HttpClient client = client()) {
        var _ = cluster.startDialing(address.toString());
        String job =
            "{\"id\": \"talks\", \"shell\": \"%s\", \"resources\": {\"cpu\": 1, \"memory\": \"1MiB\"}}"
                .formatted(script);
        assertThat(
                client
                    .send(
                        request("").POST(BodyPublishers.ofString(job)).build(),
                        BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(201);
        InputStream log =
            client
                .send(request("/talks/logs?follow=true").build(), BodyHandlers.ofInputStream())
                .body();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(log, UTF_8))) {
          assertThat(List.of(lines.readLine(), lines.readLine()))
              .containsExactlyInAnyOrder("out 1", "err 1");
        }
        // it is killed
      }
      Files.createFile(folder.resolve("away"));
      await("printed");
      try (Launcher _ = start(cluster, address);
          HttpClient client = client()) {
        Files.createFile(folder.resolve("back"));
        assertThat(get(client, "/talks/logs?follow=true&stream=out"))
            .isEqualTo("out 1\nout 2\nout 3\n");
        assertThat(get(client, "/talks/logs?stream=err")).isEqualTo("err 1\nerr 2\n");
        assertThat(get(client, "/talks/logs")).hasSize("out 1\n".length() * 5);
        assertThat(get(client, "/talks/result"))
            .contains("\"state\":\"SUCCEEDED\"")
            .contains("\"exitCode\":0")
            .contains("\"stdout\":\"out 1\\nout 2\\nout 3\\n\"");
        assertThat(get(client, "/talks/attempts")).doesNotContain("\"number\":2");
      }
    }
  }
}
