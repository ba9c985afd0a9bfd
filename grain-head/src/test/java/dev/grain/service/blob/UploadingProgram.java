package dev.grain.service.blob;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalLong;
import java.util.Random;

/** Uploads blobs, and goes on with those of former programs, until it is killed. */
final class UploadingProgram {
  static final int BLOBS = 40;

  private UploadingProgram() {}

  /** Returns the bytes of a blob. */
  static byte[] bytes(int number) {
    return BlobsTest.bytes(number, 1 + number * 40_000);
  }

  /** Takes the folder, and a seed. */
  @SuppressWarnings("SystemOut")
  public static void main(String... arguments) {
    Blobs blobs = Blobs.open(Path.of(arguments[0]), 0, Clock.systemUTC());
    Random random = new Random(Long.parseLong(arguments[1]));
    while (true) {
      byte[] bytes = bytes(random.nextInt(BLOBS));
      BlobHash hash = BlobHash.of(bytes);
      int at = (int) blobs.arrived(hash);
      try (Upload upload = blobs.upload(hash, at, OptionalLong.of(bytes.length - at))) {
        while (at < bytes.length) {
          int count = Math.min(bytes.length - at, 1 + random.nextInt(200_000));
          upload.write(ByteBuffer.wrap(bytes, at, count));
          at += count;
          System.out.println("at " + at);
        }
        upload.complete();
      }
      System.out.println("done " + hash);
    }
  }
}
