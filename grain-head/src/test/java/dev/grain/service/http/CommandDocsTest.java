package dev.grain.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.cli.head.Typed;
import dev.grain.cli.head.Typed.Printed;
import dev.grain.key.ServerKey;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Runs the commands that {@code docs/command-line.md} shows. */
final class CommandDocsTest extends Served {
  private static final Path PAGE = Path.of("../docs/command-line.md");
  private static final Pattern EXAMPLE = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

  private final Typed typed = new Typed();

  @Test
  void examples_work() throws IOException {
    String page = Files.readString(PAGE);
    ServerKey key = ServerKey.loadOrCreate(folder.resolve("data"), List.of());
    String token = Objects.requireNonNull(tokens.get("root"));
    Path file = Files.writeString(folder.resolve("token"), token);
    typed.set("XDG_CONFIG_HOME", folder.resolve("config").toString());
    submit("ada", "{\"id\": \"job-1-abc\", \"command\": [\"x\"]}");
    submit("ada", "{\"id\": \"job-2-kqw\", \"command\": [\"x\"]}");
    succeed("job-1-abc");
    delete("root", "/users/bob").ensure(204);
    HttpSettings settings = new HttpSettings("127.0.0.1", 0, Optional.of(key));
    try (HttpServer secured = HttpServer.start(settings, services())) {
      String head = "https://127.0.0.1:" + secured.port();
      int run = 0;
      for (String line : lines(page)) {
        String local =
            FINGERPRINT
                .matcher(line)
                .replaceAll(key.fingerprint())
                .replace("https://head.example.com:15320", head)
                .replace("--token-file token", "--token-file " + file)
                .replace("26-11-30-3-abc", "job-1-abc")
                .replace("revoke 7", "revoke " + number())
                .replace("'", "");
        if (local.equals("grain login " + head)) {
          typed.answer("yes", token);
        }
        Printed printed = typed.run(local.substring("grain ".length()));
        assertThat(printed.code()).as(line + "\n" + printed.out() + printed.err()).isZero();
        run++;
      }
      assertThat(run).isGreaterThan(20);
    }
  }

  private void succeed(String id) {
    long number = stored(id).number();
    Instant now = Instant.now();
    StoredAttempt.End end = StoredAttempt.End.succeeded(now, Usage.UNKNOWN);
    StoredAttempt attempt = new StoredAttempt(1, "node-a", now, Optional.of(now), Optional.of(end));
    store.write(h -> new Jobs(h).end(number, attempt, new Result.None())).join();
    logs.ended(number);
  }

  /** Returns the command lines of the page, of a pipe what comes first. */
  private static List<String> lines(String page) {
    List<String> lines = new ArrayList<>();
    EXAMPLE
        .matcher(page)
        .results()
        .flatMap(example -> example.group(1).lines())
        .map(line -> line.split(" \\| ", 2)[0])
        .forEach(lines::add);
    return lines;
  }

  /** Returns the number of the newest token. */
  private String number() {
    return get("root", "/tokens")
        .json()
        .at("/tokens")
        .valueStream()
        .map(each -> each.get("number").asString())
        .reduce("", (_, last) -> last);
  }
}
