package dev.grain.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a worker has written into its cache, by the times of the files: each is made when its bytes
 * have come and are checked, and changed last when it is complete.
 *
 * @param micros how long it wrote, all files together
 * @param end when the last one was complete, in microseconds since 1970; 0 if there is none
 */
record StoredCode(long micros, long end) {
  /** Returns what was written from that time on. */
  static StoredCode since(long begin, Path cache) throws IOException {
    long micros = 0;
    long end = 0;
    try (Stream<Path> files = Files.list(cache)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".jar")).toList()) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        long created = micros(attributes.creationTime());
        if (created >= begin) {
          long complete = micros(attributes.lastModifiedTime());
          micros += complete - created;
          end = Math.max(end, complete);
        }
      }
    }
    return new StoredCode(micros, end);
  }

  private static long micros(FileTime time) {
    return time.to(TimeUnit.MICROSECONDS);
  }
}
