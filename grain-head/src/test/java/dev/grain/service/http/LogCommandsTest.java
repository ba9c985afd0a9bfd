package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.cli.head.Typed;
import dev.grain.cli.head.Typed.Printed;
import dev.grain.code.Codec;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What jobs print and return, on the command line. */
final class LogCommandsTest extends Served {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private final Typed typed = new Typed();

  @BeforeEach
  void logIn() {
    typed
        .set("GRAIN_HEAD", "http://127.0.0.1:" + server.port())
        .set("GRAIN_TOKEN", Objects.requireNonNull(tokens.get("ada")))
        .set("XDG_CONFIG_HOME", folder.resolve("config").toString());
    submit("ada", "{\"id\": \"job-abc\", \"name\": \"train\", \"command\": [\"x\"]}");
  }

  private Printed run(int code, String line) {
    Printed printed = typed.run(line);
    assertThat(printed.code()).as(line + printed.out() + printed.err()).isEqualTo(code);
    return printed;
  }

  private static StoredAttempt attempt(Optional<StoredAttempt.End> end) {
    return new StoredAttempt(1, "node-a", NOW, Optional.of(NOW), end);
  }

  private void print(String text, boolean error) {
    logs.print(stored("job-abc").number(), 1, Bytes.utf8(text), error);
  }

  private void end(StoredAttempt.End end, Result result) {
    long number = stored("job-abc").number();
    store.write(h -> new Jobs(h).started(number, attempt(Optional.empty()))).join();
    store.write(h -> new Jobs(h).end(number, attempt(Optional.of(end)), result)).join();
    logs.ended(number);
  }

  private static byte[] encoded(byte[] json) {
    ByteBuffer all = ByteBuffer.allocate(1 << 16);
    new Codec(LogCommandsTest.class.getClassLoader())
        .encodeValue(json, all.capacity())
        .chunks()
        .forEach(all::put);
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  private void succeed(Result result) {
    end(StoredAttempt.End.succeeded(NOW, Usage.UNKNOWN), result);
  }

  @Test
  void logs_ofAJob_areWhatItHasPrinted() {
    print("to out\n", false);
    print("to err\n", true);
    assertThat(run(0, "logs abc").out()).isEqualTo("to out\nto err\n");
    assertThat(run(0, "logs --out abc").out()).isEqualTo("to out\n");
    assertThat(run(0, "logs --err --tail 4 abc").out()).isEqualTo("err\n");
    assertThat(run(0, "logs --attempt 1 abc").out()).hasSize(14);
    assertThat(run(1, "logs --attempt 2 abc").err()).contains("and no attempt 2");
    assertThat(run(2, "logs --out --err abc").err()).contains("exclude each other");
    assertThat(run(2, "logs --tail -1 abc").err()).contains("at least 0");
    assertThat(run(1, "logs nothing").err()).startsWith("grain logs: There is no job \"nothing\"");
  }

  @Test
  void logsToFollow_goOnUntilTheJobHasEnded() {
    print("first\n", false);
    CompletableFuture<Printed> following =
        CompletableFuture.supplyAsync(() -> typed.run("logs -f abc"));
    print("second\n", true);
    succeed(new Result.None());
    assertThat(following.join()).isEqualTo(new Printed(0, "first\nsecond\n", ""));
  }

  @Test
  void output_isWhatTheJobHasReturned() {
    assertThat(run(1, "output abc").err())
        .isEqualTo(
            "grain output: The job abc has not ended. 'grain logs -f abc' prints what it prints, and returns at its end.\n");
    print("printed\n", false);
    print("noise\n", true);
    succeed(new Result.None());
    assertThat(run(0, "output abc").out()).isEqualTo("printed\n");
  }

  @Test
  void output_ofAFunction_isItsJson() {
    submit("ada", "{\"id\": \"job-fun\", \"function\": \"a.B::c\"}");
    byte[] value = encoded("{\"a\": [1.50, 1e999]}".getBytes(UTF_8));
    long number = stored("job-fun").number();
    StoredAttempt.End end = StoredAttempt.End.succeeded(NOW, Usage.UNKNOWN);
    store
        .write(h -> new Jobs(h).end(number, attempt(Optional.of(end)), new Result.Value(value)))
        .join();
    assertThat(run(0, "output fun").out()).isEqualTo("{\"a\":[1.50,1E+999]}\n");
    assertThat(run(0, "output --json fun").out())
        .isEqualTo(
            "{\"id\":\"job-fun\",\"state\":\"SUCCEEDED\",\"value\":{\"a\":[1.50,1E+999]}}\n");
  }

  @Test
  void output_ofAJobThatFailed_saysSo() {
    print("so far\n", false);
    end(
        StoredAttempt.End.failed(NOW, Cause.OUT_OF_MEMORY, "It took 2 GiB.", Usage.UNKNOWN),
        new Result.None());
    Printed printed = run(1, "output abc");
    assertThat(printed.out()).isEqualTo("so far\n");
    assertThat(printed.err())
        .isEqualTo("grain output: The job job-abc has ended as OUT_OF_MEMORY. It took 2 GiB.\n");
    assertThat(run(0, "info abc").out()).contains("state:        FAILED (OUT_OF_MEMORY)");
    assertThat(run(0, "list").out()).contains("FAILED").contains("OUT_OF_MEMORY");
    assertThat(run(0, "info abc").lines().getLast()).startsWith("1        node-a  2026-11-28");
  }

  @Test
  void rerun_submitsTheJobOnceMore() {
    String line = run(0, "rerun abc").out();
    assertThat(line).endsWith(": QUEUED\n");
    JsonNode again =
        new JsonMapper().readTree(run(0, "info --json " + line.split(":", 2)[0]).out());
    assertThat(again.at("/labels/rerun-of").stringValue()).isEqualTo("job-abc");
    assertThat(again.at("/name").stringValue()).isEqualTo("train");
    Printed named = run(1, "rerun --json --name other abc nothing");
    assertThat(named.err()).contains("nothing: there is none.");
    assertThat(named.lines()).hasSize(1);
    assertThat(run(0, "list --json --name other").lines()).hasSize(1);
  }
}
