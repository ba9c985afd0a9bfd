package dev.grain.service.blob;

import dev.grain.service.store.StoreException;
import dev.grain.service.store.StoreException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What fails on a disk, and how to be sure of what is on it. */
final class Disks {
  private Disks() {}

  /** Returns the exception that tells what is wrong with the disk. */
  static StoreException failure(Path folder, IOException e) {
    if (isFull(folder, e)) {
      return new StoreException(Kind.FULL, full(folder), e);
    }
    return new StoreException(
        Kind.AWAY, "The folder %s of blobs cannot be used: %s".formatted(folder, e), e);
  }

  /** Returns the exception that there is no space for what is to come. */
  static StoreException full(Path folder, long needed, long free) {
    return new StoreException(
        Kind.FULL,
        full(folder) + " It has %s bytes left, and %s are needed.".formatted(free, needed));
  }

  private static String full(Path folder) {
    return "The disk of the blobs in %s is full, so nothing was stored. Free some space."
        .formatted(folder);
  }

  private static boolean isFull(Path folder, IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (message.contains("no space left") || message.contains("quota exceeded")) {
      return true;
    }
    try {
      // in another language
      return Files.getFileStore(folder).getUsableSpace() == 0;
    } catch (IOException gone) {
      return false;
    }
  }

  /** Makes sure that the names of files in a folder outlive a crash of the machine. */
  static void force(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      // not every system opens folders; where it does not, moves are for good by themselves
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }
}
