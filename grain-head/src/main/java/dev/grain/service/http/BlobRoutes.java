package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.HEAD;
import static io.javalin.http.HandlerType.PUT;

import dev.grain.service.blob.BlobHash;
import dev.grain.service.blob.Blobs;
import dev.grain.service.blob.Upload;
import dev.grain.service.http.ByteRanges.Part;
import dev.grain.service.http.ByteRanges.Range;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.Role;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Receives and sends blobs, whole or in parts. For any thread. */
final class BlobRoutes {
  /** Where an upload that is not complete goes on. */
  static final String ARRIVED = "Grain-Arrived";

  private static final String BLOB = "/blobs/{sha256}";
  private static final int BUFFER = 1 << 16;

  private final Blobs blobs;

  BlobRoutes(Blobs blobs) {
    this.blobs = blobs;
  }

  List<Route> all() {
    return List.of(
        Route.of(HEAD, BLOB, Role.READ, "Tell whether a blob is there.", this::head)
            .answers(200, "", "It is. If it is not, the header Grain-Arrived tells how much is."),
        Route.of(GET, BLOB, Role.READ, "Download a blob.", this::get)
            .withHeader("Range", "Text", "Which bytes, such as bytes=0-1023.")
            .answers(200, Route.BYTES, "The blob.")
            .answers(206, Route.BYTES, "The bytes that were asked for."),
        Route.of(PUT, BLOB, Role.SUBMIT, "Upload a blob, or a part of it.", this::put)
            .withHeader(
                "Content-Range", "Text", "Which bytes of how many, such as bytes 0-1023/4096.")
            .takes(Route.BYTES)
            .answers(201, "", "The blob is complete.")
            .answers(200, "", "It was there before.")
            .answers(202, "", "The part has arrived; Grain-Arrived tells where to go on."));
  }

  private static BlobHash hash(Call call) {
    try {
      return new BlobHash(call.path("sha256"));
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, String.valueOf(e.getMessage()), e);
    }
  }

  private OptionalLong size(Call call, BlobHash hash) {
    OptionalLong size = blobs.size(hash);
    if (size.isEmpty()) {
      call.context().header(ARRIVED, Long.toString(blobs.arrived(hash)));
    } else {
      call.context()
          .header("ETag", "\"" + hash + "\"")
          .header("Accept-Ranges", "bytes")
          // a browser is to show none of it as a page of the head
          .header("Content-Disposition", "attachment")
          .contentType("application/octet-stream");
    }
    return size;
  }

  private static Refusal unknown(BlobHash hash) {
    return new Refusal(
        Kind.NOT_FOUND, "There is no complete blob %s. Upload it first.".formatted(hash));
  }

  // ---------------------------------------------------------------- sending

  private void head(Call call) {
    BlobHash hash = hash(call);
    long size = size(call, hash).orElseThrow(() -> unknown(hash));
    call.context().res().setContentLengthLong(size);
  }

  private void get(Call call) throws IOException {
    BlobHash hash = hash(call);
    long size = size(call, hash).orElseThrow(() -> unknown(hash));
    Optional<Range> range = call.header("Range").flatMap(text -> ByteRanges.range(text, size));
    Context context = call.context();
    if (range.isPresent()) {
      context
          .status(206)
          .header(
              "Content-Range",
              "bytes %s-%s/%s".formatted(range.get().from(), range.get().to() - 1, size));
    }
    send(hash, range.orElse(new Range(0, size)), context);
  }

  private void send(BlobHash hash, Range range, Context context) throws IOException {
    try (FileChannel channel = blobs.read(hash)) {
      context.res().setContentLengthLong(range.to() - range.from());
      OutputStream out = context.res().getOutputStream();
      byte[] bytes = new byte[BUFFER];
      long at = range.from();
      while (at < range.to()) {
        int most = (int) Math.min(BUFFER, range.to() - at);
        int count = channel.read(ByteBuffer.wrap(bytes, 0, most), at);
        if (count < 0) {
          throw new IOException("The blob %s has become shorter".formatted(hash));
        }
        out.write(bytes, 0, count);
        at += count;
      }
    }
  }

  // ---------------------------------------------------------------- receiving

  private void put(Call call) throws IOException {
    BlobHash hash = hash(call);
    if (call.header("Content-Encoding").isPresent()) {
      throw new Refusal(
          Kind.UNSUPPORTED_MEDIA_TYPE,
          "The bytes are encoded. Send them without the header Content-Encoding.");
    }
    Optional<Part> part = call.header("Content-Range").map(ByteRanges::part);
    long sent = call.context().req().getContentLengthLong();
    part.ifPresent(each -> ensureAgrees(each, sent));
    if (blobs.size(hash).isPresent()) {
      Bodies.drain(call.context());
      call.context().status(200);
      return;
    }
    if (part.isPresent()) {
      receive(call, hash, part.get());
    } else {
      OptionalLong length = sent < 0 ? OptionalLong.empty() : OptionalLong.of(sent);
      try (Upload upload = blobs.upload(hash, 0, length)) {
        copy(call.context().req().getInputStream(), upload, Long.MAX_VALUE);
        upload.complete();
      }
      call.context().status(201);
    }
  }

  private static void ensureAgrees(Part part, long sent) {
    if (sent >= 0 && sent != part.length()) {
      throw Call.bad(
          "Content-Range names %s bytes, but the body has %s. Make them agree."
              .formatted(part.length(), sent));
    }
  }

  private void receive(Call call, BlobHash hash, Part part) throws IOException {
    try (Upload upload = blobs.upload(hash, part.from(), OptionalLong.of(part.length()))) {
      InputStream in = call.context().req().getInputStream();
      copy(in, upload, part.to());
      if (upload.arrived() < part.to() || in.read() >= 0) {
        throw Call.bad(
            "Content-Range names %s bytes, but the body has %s. Make them agree; %s bytes of the blob have arrived."
                .formatted(
                    part.length(),
                    upload.arrived() < part.to() ? upload.arrived() - part.from() : "more",
                    upload.arrived()));
      }
      if (part.isLast()) {
        upload.complete();
        call.context().status(201);
      } else {
        call.context().status(202).header(ARRIVED, Long.toString(upload.arrived()));
      }
    }
  }

  /** Writes what comes until the blob has so many bytes. */
  private static void copy(InputStream in, Upload upload, long to) throws IOException {
    byte[] bytes = new byte[BUFFER];
    while (upload.arrived() < to) {
      int count = in.read(bytes, 0, (int) Math.min(BUFFER, to - upload.arrived()));
      if (count < 0) {
        return;
      }
      upload.write(ByteBuffer.wrap(bytes, 0, count));
    }
  }
}
