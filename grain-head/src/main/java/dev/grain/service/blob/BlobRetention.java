package dev.grain.service.blob;

import dev.grain.service.store.Store;
import dev.grain.service.store.UsedBlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Removes blobs that no stored job names, and what has arrived of uploads that nobody goes on with.
 * A head that has told somebody that a blob is there has some days to store the job that names it.
 *
 * @param unused how long they stay
 */
public record BlobRetention(Duration unused) {
  /** For a week. */
  public static final BlobRetention DEFAULT = new BlobRetention(Duration.ofDays(7));

  private static final int SOME = 500;

  /**
   * Removes them, and returns how many.
   *
   * @throws dev.grain.service.store.StoreException if the folder or the database is away
   */
  public int apply(Blobs blobs, Store store, Instant now) {
    FileTime before = FileTime.from(now.minus(unused));
    try {
      int removed = blobs.removeParts(before);
      for (Path folder : blobs.folders()) {
        List<BlobHash> alike = Blobs.list(folder);
        for (int from = 0; from < alike.size(); from += SOME) {
          removed +=
              apply(blobs, store, alike.subList(from, Math.min(alike.size(), from + SOME)), before);
        }
      }
      return removed;
    } catch (IOException e) {
      throw Disks.failure(blobs.folder(), e);
    }
  }

  private static int apply(Blobs blobs, Store store, List<BlobHash> some, FileTime before)
      throws IOException {
    Set<String> used =
        store.read(
            handle -> new UsedBlobs(handle).among(some.stream().map(BlobHash::hex).toList()));
    // their time begins when they are used no more
    blobs.use(some.stream().filter(hash -> used.contains(hash.hex())).toList());
    return blobs.removeOlder(
        some.stream().filter(hash -> !used.contains(hash.hex())).toList(), before);
  }
}
