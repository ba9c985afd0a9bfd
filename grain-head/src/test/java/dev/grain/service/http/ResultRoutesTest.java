package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.CommandResult;
import dev.grain.code.Codec;
import dev.grain.service.blob.BlobHash;
import dev.grain.service.blob.Upload;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.StoredJob;
import dev.grain.service.store.Usage;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What jobs have returned, and jobs that are submitted once more, by HTTP. */
final class ResultRoutesTest extends Served {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final Codec CODEC = new Codec(ResultRoutesTest.class.getClassLoader());
  private static final String FUNCTION =
      "{\"function\": \"com.acme.Jobs::energy\", \"code\": \"none\"}";

  private static byte[] encoded(Object value) {
    ByteBuffer all = ByteBuffer.allocate(1 << 20);
    CODEC.encodeValue(value, all.capacity()).chunks().forEach(all::put);
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  private static byte[] json(String text) {
    return encoded(text.getBytes(UTF_8));
  }

  private void end(String id, StoredAttempt.End end, Result result) {
    StoredAttempt attempt = new StoredAttempt(1, "node-a", NOW, Optional.of(NOW), Optional.of(end));
    store.write(h -> new Jobs(h).end(stored(id).number(), attempt, result)).join();
  }

  private void succeed(String id, Result result) {
    end(id, StoredAttempt.End.succeeded(NOW, Usage.UNKNOWN), result);
  }

  private Answer result(String id) {
    return get("ada", "/jobs/" + id + "/result");
  }

  private Answer resultOf(byte[] value) {
    String id = submit("ada", FUNCTION);
    succeed(id, new Result.Value(value));
    return result(id).ensure(200);
  }

  @Test
  void result_ofAFunctionByItsName_isItsJson() {
    assertThat(resultOf(json("{\"a\": [1, 2.50]}")).json().at("/value/a/1").asDouble())
        .isEqualTo(2.5);
    assertThat(resultOf(json("null")).json().at("/value").isNull()).isTrue();
    assertThat(resultOf(json("\"text\"")).text("/value")).isEqualTo("text");
    assertThat(new String(resultOf(json("1e999")).bytes(), UTF_8)).contains("\"value\":1e999");
    assertThat(resultOf(json("")).json().has("value")).isFalse();
  }

  @Test
  void result_ofSomethingElse_isNotDecoded() {
    for (Object value : List.of("text", 7, List.of(1), Duration.ofSeconds(1), new byte[][] {{1}})) {
      Answer answer = resultOf(encoded(value));
      assertThat(answer.json().at("/encoded").asBoolean()).as("%s", value).isTrue();
      assertThat(answer.json().has("value")).isFalse();
    }
    byte[] damaged = json("[1]");
    for (int i = 0; i < damaged.length; i++) {
      byte[] other = damaged.clone();
      other[i] ^= 0x5a;
      var _ = resultOf(other);
    }
    assertThat(resultOf(new byte[0]).json().at("/encoded").asBoolean()).isTrue();
  }

  @Test
  void result_thatIsABlob_isShown() {
    byte[] value = json("\"" + "x".repeat(100_000) + "\"");
    BlobHash hash = BlobHash.of(value);
    try (Upload upload = blobs.upload(hash, 0, OptionalLong.of(value.length))) {
      upload.write(ByteBuffer.wrap(value));
      upload.complete();
    }
    String id = submit("ada", FUNCTION);
    succeed(id, new Result.Blob(hash.hex()));
    Answer answer = result(id).ensure(200);
    assertThat(answer.text("/value")).hasSize(100_000);
    assertThat(answer.text("/blob")).isEqualTo(hash.hex());
  }

  private static CommandResult command(byte[] result) {
    return new CommandResult(
        0,
        Duration.ofMillis(1500),
        Duration.ofSeconds(1),
        4096,
        bytes("out"),
        bytes("err"),
        result);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void result_ofACommand_hasWhatItPrinted_andItsResultFile() {
    String plain = submit("ada", "{\"command\": [\"a\"]}");
    end(
        plain,
        StoredAttempt.End.succeeded(
            NOW, new Usage(OptionalInt.of(0), OptionalInt.empty(), OptionalLong.of(4096))),
        new Result.Value(encoded(command(bytes("no result")))));
    Answer answer = result(plain).ensure(200);
    assertThat(answer.text("/state")).isEqualTo("SUCCEEDED");
    assertThat(answer.json().at("/exitCode").asInt(-1)).isZero();
    assertThat(answer.json().at("/peakMemory").asInt()).isEqualTo(4096);
    assertThat(answer.json().at("/wallTime").asDouble()).isEqualTo(1.5);
    assertThat(answer.json().at("/cpuTime").asDouble()).isEqualTo(1);
    assertThat(answer.text("/stdout")).isEqualTo("out");
    assertThat(answer.text("/stderr")).isEqualTo("err");
    assertThat(answer.json().has("value")).isFalse();

    assertThat(ofCommand(bytes("{\"loss\": 0.5}")).json().at("/value/loss").asDouble())
        .isEqualTo(0.5);
    assertThat(ofCommand(bytes("0.5 and more")).text("/text")).isEqualTo("0.5 and more");
    assertThat(ofCommand(new byte[] {(byte) 0xff}).json().at("/encoded").asBoolean()).isTrue();
  }

  private Answer ofCommand(byte[] file) {
    String id = submit("ada", "{\"command\": [\"a\"], \"result\": true}");
    succeed(id, new Result.Value(encoded(command(file))));
    return result(id).ensure(200);
  }

  @Test
  void result_ofAJobThatFailed_hasItsCause() {
    String id = submit("ada", "{\"command\": [\"a\"]}");
    Usage usage = new Usage(OptionalInt.of(3), OptionalInt.empty(), OptionalLong.empty());
    end(
        id,
        StoredAttempt.End.failed(NOW, Cause.FAILED, "it exited with code 3", usage),
        new Result.None());
    Answer answer = result(id).ensure(200);
    assertThat(answer.text("/state")).isEqualTo("FAILED");
    assertThat(answer.text("/cause")).isEqualTo("FAILED");
    assertThat(answer.text("/message")).isEqualTo("it exited with code 3");
    assertThat(answer.json().at("/exitCode").asInt()).isEqualTo(3);
    assertThat(answer.json().has("value")).isFalse();
  }

  @Test
  void result_ofAJobThatHasNotEnded_orIsOfSomebodyElse_isRefused() {
    String id = submit("ada", "{\"command\": [\"a\"]}");
    assertThat(result(id).problem(409, "conflict")).contains("is QUEUED").contains("follow=true");
    get("bob", "/jobs/" + id + "/result").problem(404, "not-found");
  }

  @Test
  void rerun_submitsTheSameJob_withALabelThatNamesTheFormer() {
    String id =
        submit(
            "ada",
            "{\"id\": \"mine\", \"name\": \"train\", \"command\": [\"a\", \"b\"], \"labels\": {\"model\": \"gpt\"}, \"hold\": true}");
    patch("ada", "/jobs/mine", "{\"priority\": 7}").ensure(200);
    Answer answer = post("ada", "/jobs/mine/rerun", "").ensure(201);
    String again = answer.text("/jobs/0/id");
    assertThat(again).isNotEqualTo(id);
    assertThat(answer.text("/jobs/0/state")).isEqualTo("QUEUED");
    assertThat(answer.header("Location")).isEqualTo("/api/v1/jobs/" + again);
    Answer job = get("ada", "/jobs/" + again).ensure(200);
    assertThat(job.text("/name")).isEqualTo("train");
    assertThat(job.json().at("/priority").asDouble()).isEqualTo(7);
    assertThat(job.json().at("/labels").toString())
        .isEqualTo("{\"model\":\"gpt\",\"rerun-of\":\"mine\"}");
    assertThat(job.json().at("/spec/command").toString()).isEqualTo("[\"a\",\"b\"]");

    Answer other =
        post(
                "ada",
                "/jobs/" + again + "/rerun",
                "{\"name\": \"other\", \"priority\": 3, \"labels\": {\"a\": \"b\"}}")
            .ensure(201);
    StoredJob stored = stored(other.text("/jobs/0/id"));
    assertThat(stored.name()).isEqualTo("other");
    assertThat(stored.priority()).isEqualTo(3);
    Map<String, String> labels = store.read(h -> new Jobs(h).labels(stored.number()));
    assertThat(labels).containsOnlyKeys("a", "rerun-of").containsEntry("rerun-of", again);
  }

  @Test
  void rerun_withAKeyAgain_makesNothing_andOfAnotherJobIsAConflict() {
    String first = submit("ada", "{\"command\": [\"a\"]}");
    String second = submit("ada", "{\"command\": [\"a\"]}");
    String made = keyed(first).ensure(201).text("/jobs/0/id");
    assertThat(keyed(first).ensure(200).text("/jobs/0/id")).isEqualTo(made);
    keyed(second).problem(409, "key-reused");
  }

  private Answer keyed(String id) {
    return send(
        json("ada", "/jobs/" + id + "/rerun")
            .header("Idempotency-Key", "key")
            .POST(BodyPublishers.noBody()));
  }

  @Test
  void rerun_ofWhatIsNotAllowed_isRefused() {
    String id = submit("ada", "{\"command\": [\"a\"]}");
    String path = "/jobs/" + id + "/rerun";
    post("bob", path, "").problem(404, "not-found");
    post("eve", path, "").problem(403, "forbidden");
    assertThat(post("ada", path, "{\"nam\": \"a\"}").json().toString())
        .contains("did you mean \\\"name\\\"?");
    post("ada", path, "{\"priority\": 0}").problem(422, "invalid");
    post("ada", path, "{\"labels\": {\"a\": 7}}").problem(422, "invalid");
    post("ada", path, "{\"labels\": []}").problem(422, "invalid");
    assertThat(post("ada", path, "{\"labels\": {\"-\": \"a\"}}").problem(422, "invalid"))
        .contains("label");
  }
}
