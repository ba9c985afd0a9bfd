package dev.grain.service.blob;

import dev.grain.service.blob.BlobException.Kind;
import dev.grain.service.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A blob that arrives. Used by one thread, but taken over by any.
 *
 * <p>Closed before it is complete, what has arrived stays for an upload that goes on there, unless
 * the disk was full.
 */
public final class Upload implements AutoCloseable {
  /** After how many bytes it is looked how much of the disk is left. */
  private static final long STRIDE = 16L << 20;

  private final Blobs blobs;
  private final BlobHash hash;
  private final Path part;
  private final FileChannel channel;
  private final MessageDigest digest = BlobHash.digest();

  // all only accessed by the thread of the upload
  private long arrived;
  private long digested;
  private long looked;

  // set by the thread of the upload, read by those of others
  private volatile long latest = System.nanoTime();
  // accessed with the lock of the blobs
  private boolean completing;
  // set by the thread of another upload
  private volatile boolean takenOver;

  private Upload(Blobs blobs, BlobHash hash, Path part, FileChannel channel, long offset) {
    this.blobs = blobs;
    this.hash = hash;
    this.part = part;
    this.channel = channel;
    this.arrived = offset;
    this.looked = offset;
  }

  /** Goes on with a file, which keeps nothing behind the offset. */
  static Upload open(Blobs blobs, BlobHash hash, Path part, long offset) throws IOException {
    FileChannel channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.truncate(offset);
      return new Upload(blobs, hash, part, channel, offset);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Has to be called with the lock of the blobs. */
  boolean isStalled() {
    return !completing && System.nanoTime() - latest > blobs.patience().toNanos();
  }

  /** Keeps another upload from taking over; has to be called with the lock of the blobs. */
  void beginToComplete() {
    ensureNotTakenOver();
    completing = true;
  }

  /** Keeps this one from writing what another one now writes. */
  void takeOver() throws IOException {
    takenOver = true;
    // waits for a write that is going on
    channel.close();
  }

  /** Returns how much of the blob has arrived. */
  public long arrived() {
    return arrived;
  }

  /**
   * Writes what has arrived.
   *
   * @throws BlobException if the blob is too large, or another upload has taken over
   * @throws StoreException if it cannot be written; if the disk is full, nothing of it is left
   */
  public void write(ByteBuffer bytes) {
    blobs.ensureSmall(hash, arrived, bytes.remaining());
    try {
      digestFormer();
      if (arrived - looked >= STRIDE) {
        blobs.ensureSpace(bytes.remaining());
        looked = arrived;
      }
      digest.update(bytes.duplicate());
      digested += bytes.remaining();
      while (bytes.hasRemaining()) {
        arrived += channel.write(bytes, arrived);
      }
      latest = System.nanoTime();
    } catch (IOException e) {
      throw failed(Disks.failure(blobs.folder(), e));
    } catch (StoreException e) {
      throw failed(e);
    }
  }

  /** Reads what had arrived before this upload. */
  private void digestFormer() throws IOException {
    if (digested == arrived) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (digested < arrived) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), arrived - digested));
      int count = channel.read(buffer, digested);
      if (count < 0) {
        throw new IOException(part + " has become shorter");
      }
      digest.update(buffer.flip());
      digested += count;
      latest = System.nanoTime();
    }
  }

  /** Ends an upload that cannot go on, and returns why. */
  private RuntimeException failed(StoreException e) {
    if (takenOver) {
      return takenOver();
    }
    if (e.kind() == StoreException.Kind.FULL) {
      discard();
    } else {
      close();
    }
    return e;
  }

  private void ensureNotTakenOver() {
    if (takenOver) {
      throw takenOver();
    }
  }

  private BlobException takenOver() {
    return new BlobException(
        Kind.TAKEN_OVER,
        0,
        "Another upload of the blob %s goes on from here, as this one had received nothing for %s s. Ask how much has arrived."
            .formatted(hash, blobs.patience().toSeconds()));
  }

  private void discard() {
    try {
      channel.close();
      blobs.discard(part, this);
    } catch (IOException e) {
      throw Disks.failure(blobs.folder(), e);
    }
  }

  /**
   * Ends the upload: when this returns, the blob is on the disk, and found.
   *
   * @throws BlobException if what has arrived has another hash; it is removed
   * @throws StoreException if it cannot be written
   */
  public void complete() {
    try {
      digestFormer();
      blobs.beginToComplete(this);
      String found = HexFormat.of().formatHex(digest.digest());
      if (!found.equals(hash.hex())) {
        discard();
        throw new BlobException(
            Kind.WRONG_HASH,
            0,
            "What was sent as the blob %s has the SHA-256 %s, in %s bytes, and was removed. Send all bytes of the blob again, and no others."
                .formatted(hash, found, arrived));
      }
      channel.force(true);
      channel.close();
      blobs.complete(hash, part);
      close();
    } catch (IOException e) {
      throw failed(Disks.failure(blobs.folder(), e));
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // what is not on the disk is found by the hash
    }
    blobs.close(part, this);
  }
}
