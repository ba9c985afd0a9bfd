package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;

import dev.grain.CommandResult;
import dev.grain.bytes.Bytes;
import dev.grain.client.JobSpecs;
import dev.grain.code.Codec;
import dev.grain.service.blob.BlobHash;
import dev.grain.service.blob.Blobs;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredJob;
import dev.grain.spec.WorkSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shows what jobs have returned, as far as a head can tell without their classes. For any thread.
 */
final class ResultRoutes {
  /** How large a value is at most that is shown. */
  private static final int MOST_BYTES = 16 << 20;

  private static final Codec CODEC = new Codec(ResultRoutes.class.getClassLoader());
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Store store;
  private final Blobs blobs;

  ResultRoutes(Store store, Blobs blobs) {
    this.store = store;
    this.blobs = blobs;
  }

  List<Route> all() {
    return List.of(
        Route.of(
                GET,
                JobRoutes.JOB + "/result",
                Role.READ,
                "Show what a job has returned, when it has ended.",
                this::get)
            .answers(200, "JobResult", "The result."));
  }

  private void get(Call call) throws IOException {
    StoredJob job = JobRoutes.find(store, call);
    if (!job.state().ended()) {
      throw new Refusal(
          Kind.CONFLICT,
          "The job %s is %s, and has no result before it has ended. Wait for its end; GET %s/jobs/%s/logs?follow=true ends with it."
              .formatted(job.id(), job.state(), Route.API, job.id()));
    }
    JsonObject json =
        new JsonObject()
            .put("id", job.id())
            .put("state", job.state())
            .put("cause", job.cause())
            .putText("message", job.message())
            .put("exitCode", job.exitCode())
            .put("signal", job.signal())
            .put("peakMemory", job.peakMemory());
    Result result = store.read(handle -> new Jobs(handle).result(job.number()));
    switch (result) {
      case Result.None() -> {}
      case Result.Value(byte[] bytes) -> putValue(json, job, bytes);
      case Result.Blob(String hash) -> putBlob(json, job, hash);
    }
    call.answer(200, json);
  }

  private void putBlob(JsonObject json, StoredJob job, String hash) throws IOException {
    json.put("blob", hash);
    try (FileChannel channel = blobs.read(new BlobHash(hash))) {
      if (channel.size() > MOST_BYTES) {
        json.put("encoded", true);
        return;
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, bytes.position()) < 0) {
          throw new IOException("The blob %s has become shorter".formatted(hash));
        }
      }
      putValue(json, job, bytes.array());
    }
  }

  private void putValue(JsonObject json, StoredJob job, byte[] value) {
    WorkSpec work =
        JobSpecs.readOne(store.read(handle -> new Jobs(handle).spec(job.number()))).work();
    Bytes encoded = Bytes.of(value);
    switch (work) {
      case WorkSpec.Program program -> putCommand(json, encoded, program.returnsResult());
      case WorkSpec.Function _ ->
          // what has run a function may send anything, so nothing but the one form is decoded
          CODEC
              .decodeJson(encoded)
              .ifPresentOrElse(bytes -> putContent(json, bytes), () -> json.put("encoded", true));
      case WorkSpec.Shipped _ -> json.put("encoded", true);
    }
  }

  private static void putCommand(JsonObject json, Bytes value, boolean returnsResult) {
    if (!(CODEC.decodeValue(value) instanceof CommandResult result)) {
      json.put("encoded", true);
      return;
    }
    json.put("wallTime", seconds(result.wallTime()))
        .put("cpuTime", result.cpuTime().map(ResultRoutes::seconds))
        .putText("stdout", result.stdout())
        .putText("stderr", result.stderr());
    if (returnsResult) {
      putContent(json, result.result());
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  /** Adds bytes as JSON if they are that, or else as text. */
  private static void putContent(JsonObject json, byte[] bytes) {
    Optional<String> text = text(bytes);
    if (text.isEmpty()) {
      json.put("encoded", true);
    } else if (isJson(text.get())) {
      json.putRaw("value", text.get());
    } else {
      json.put("text", text.get());
    }
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static boolean isJson(String text) {
    try (JsonParser parser = MAPPER.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      var _ = parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException e) {
      return false;
    }
  }
}
