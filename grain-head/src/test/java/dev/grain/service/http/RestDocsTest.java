package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.key.ServerKey;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs what {@code docs/rest.md} shows. */
final class RestDocsTest extends Served {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Path PAGE = Path.of("../docs/rest.md");

  /** Lines for a shell, and what they print if that is shown right below. */
  private static final Pattern EXAMPLE =
      Pattern.compile("```sh\n(.*?)```\n(?:```json\n(.*?)```\n)?", Pattern.DOTALL);

  @Test
  void examples_work_andPrintWhatIsShown() throws Exception {
    ServerKey key = ServerKey.loadOrCreate(folder.resolve("data"), List.of("localhost"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Files.copy(key.certificate(), work.resolve("https.crt"));
    List<MatchResult> examples = EXAMPLE.matcher(Files.readString(PAGE)).results().toList();
    assertThat(examples).hasSizeGreaterThan(6);
    promote("ada");
    HttpSettings settings = new HttpSettings("127.0.0.1", 0, Optional.of(key));
    try (HttpServer secured = HttpServer.start(settings, services())) {
      delete("ada", "/users/bob").ensure(204);
      for (MatchResult each : examples) {
        if (each.group(1).contains("/result")) {
          end("train-7");
        }
        String printed = run(each.group(1), secured.port(), work);
        if (each.group(2) != null) {
          assertThat(MAPPER.readTree(printed))
              .as(each.group(1))
              .isEqualTo(MAPPER.readTree(each.group(2)));
        }
      }
    }
    assertThat(stored("train-7").priority()).isEqualTo(200);
    JsonNode lines = get("root", "/audit?limit=1").json().at("/lines/0/action");
    assertThat(lines.asString()).isEqualTo("user.remove");
  }

  /** The user of the page is an admin. */
  private void promote(String user) {
    patch("root", "/users/" + user, "{\"role\": \"admin\"}").ensure(200);
  }

  /** Lets a job end, which has a result by that. */
  private void end(String id) {
    long number = stored(id).number();
    StoredAttempt.End end = StoredAttempt.End.succeeded(Instant.EPOCH, Usage.UNKNOWN);
    store.write(handle -> new Jobs(handle).end(number, end)).join();
  }

  private String run(String lines, int port, Path work) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", lines)
            .directory(work.toFile())
            .redirectErrorStream(true);
    builder.environment().put("HEAD", "https://localhost:" + port);
    builder.environment().put("TOKEN", tokens.get("ada"));
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(lines + printed).isZero();
    return printed;
  }
}
