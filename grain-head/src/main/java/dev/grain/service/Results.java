package dev.grain.service;

import dev.grain.bytes.Bytes;
import dev.grain.service.blob.BlobHash;
import dev.grain.service.blob.Blobs;
import dev.grain.service.blob.Upload;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Where the values of jobs go: small ones into the tables, large ones into blobs. */
final class Results {
  /** The largest value in the tables, in bytes. */
  private static final int LARGEST = 64 * 1024;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Blobs blobs;

  Results(Blobs blobs) {
    this.blobs = blobs;
  }

  /**
   * Returns what is to be stored of a value, when it can be: a large one is on the disk by then,
   * for which it waits while the disk is full. Does not block.
   */
  CompletableFuture<Result> keep(Bytes value) {
    if (value.length() <= LARGEST) {
      return CompletableFuture.completedFuture(new Result.Value(bytes(value)));
    }
    CompletableFuture<Result> kept = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("grain-result")
        .start(() -> {
          try {
            kept.complete(new Result.Blob(put(bytes(value)).hex()));
          } catch (InterruptedException e) {
            // nobody does
          } catch (RuntimeException | Error e) {
            kept.completeExceptionally(e);
          }
        });
    return kept;
  }

  private static byte[] bytes(Bytes value) {
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(value.length()));
    value.chunks().forEach(all::put);
    return all.array();
  }

  private BlobHash put(byte[] value) throws InterruptedException {
    BlobHash hash = BlobHash.of(value);
    while (blobs.size(hash).isEmpty()) {
      try (Upload upload = blobs.upload(hash, 0, OptionalLong.of(value.length))) {
        upload.write(ByteBuffer.wrap(value));
        upload.complete();
      } catch (StoreException e) {
        if (e.kind() != StoreException.Kind.FULL) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
    return hash;
  }
}
