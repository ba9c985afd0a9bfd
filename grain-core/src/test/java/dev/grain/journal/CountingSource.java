package dev.grain.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** A file that knows how many bytes were read, and lets nobody read too many. */
final class CountingSource extends Source {
  private final long most;
  // guarded by this
  private long read;

  CountingSource(Path file, long most) throws IOException {
    super(file);
    this.most = most;
  }

  @Override
  synchronized void read(long position, byte[] target, int count) throws IOException {
    read += count;
    if (read > most) {
      throw new AssertionError(
          String.format(Locale.ROOT, "%,d bytes were read of a file of %,d", read, size()));
    }
    super.read(position, target, count);
  }
}
