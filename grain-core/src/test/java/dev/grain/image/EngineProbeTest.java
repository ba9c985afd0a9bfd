package dev.grain.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The look for a container engine, with sockets that are none or answer as engines do. */
final class EngineProbeTest {
  private static final String OK = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n";
  private static final String LABEL = "dev.grain.worker";

  @TempDir private Path folder;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private ServerSocketChannel server;

  @BeforeEach
  void open() throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Answers each request, of which the first line is passed, until the test ends. */
  private void serve(Path socket, UnaryOperator<String> answers) throws IOException {
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              try (SocketChannel channel = server.accept()) {
                ByteBuffer request = ByteBuffer.allocate(4096);
                channel.read(request);
                String text =
                    new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII);
                String line = text.lines().findFirst().orElse("");
                asked.add(line);
                channel.write(
                    ByteBuffer.wrap(answers.apply(line).getBytes(StandardCharsets.US_ASCII)));
              }
            }
          } catch (ClosedChannelException e) {
            // the test is over
          } catch (IOException e) {
            asked.add(e.toString());
          }
        });
  }

  private Path socket() {
    return folder.resolve("docker.sock");
  }

  private EngineProbe named(String host) {
    return new EngineProbe(Map.of(EngineProbe.HOST_VARIABLE, host));
  }

  @Test
  void finds_anEngineThatAnswers() throws IOException {
    serve(socket(), _ -> OK.replace("\r\n\r\n", "\r\nApi-Version: 1.40\r\n\r\n") + "OK");
    assertThat(named("unix://" + socket()).finds()).isTrue();
    assertThat(asked).containsExactly("GET /_ping HTTP/1.0");
  }

  @Test
  void finds_anEngineInTheFolderOfAUserWithAnyName() throws IOException {
    Path socket = Files.createDirectory(folder.resolve("Ann B. %20")).resolve("docker.sock");
    serve(socket, _ -> OK + "OK");
    assertThat(named(EngineProbe.address(socket).toString()).finds()).isTrue();
  }

  @Test
  void finds_noEngineWhoseApiIsTooOld() throws IOException {
    serve(socket(), _ -> OK.replace("\r\n\r\n", "\r\nApi-Version: 1.39\r\n\r\n") + "OK");
    assertThat(named("unix://" + socket()).finds()).isFalse();
  }

  @Test
  void finds_theSocketOfTheUsersSession_withoutAVariable() throws IOException {
    serve(socket(), _ -> OK + "OK");
    assertThat(new EngineProbe(Map.of("XDG_RUNTIME_DIR", folder.toString())).usualSockets())
        .contains(socket(), folder.resolve("podman/podman.sock"));
  }

  @Test
  void finds_nothing_whereNobodyListens_orSomethingElse() throws IOException {
    assertThat(named("unix://" + socket()).finds()).isFalse();
    Files.createFile(folder.resolve("file"));
    assertThat(named("unix://" + folder.resolve("file")).finds()).isFalse();
    assertThat(named("tcp://127.0.0.1:1").finds()).isFalse();
    assertThat(named("ssh://somewhere").finds()).isFalse();
    assertThat(named("no address").finds()).isFalse();
    serve(socket(), _ -> "HTTP/1.0 500 Broken\r\n\r\n");
    assertThat(named("unix://" + socket()).finds()).isFalse();
  }

  @Test
  void findsContainers_ifTheEngineListsSome() throws IOException {
    serve(socket(), line -> OK + (line.contains("/_ping") ? "OK" : "[{\"Id\": \"1\"}]\n"));
    assertThat(named("unix://" + socket()).findsContainers(LABEL)).isTrue();
    assertThat(asked.getLast())
        .isEqualTo(
            "GET /containers/json?all=1&filters=%7B%22label%22%3A%5B%22dev.grain.worker%22%5D%7D"
                + " HTTP/1.0");
  }

  @Test
  void findsContainers_notWithoutAny_orWithoutAnEngine() throws IOException {
    assertThat(named("unix://" + socket()).findsContainers(LABEL)).isFalse();
    serve(socket(), line -> OK + (line.contains("/_ping") ? "OK" : "[]\n"));
    assertThat(named("unix://" + socket()).findsContainers(LABEL)).isFalse();
  }
}
