package dev.grain.journal;

import dev.grain.bytes.Bytes;
import dev.grain.journal.JournalFormat.Block;
import dev.grain.journal.JournalFormat.Decoded;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads the frames of a journal, as far as they are whole. Used by one thread. */
final class Scan {
  private static final int PIECE = 64 * 1024;

  private final Source source;
  private final byte[] piece = new byte[PIECE];

  Scan(Source source) {
    this.source = source;
  }

  /**
   * An entry of a file.
   *
   * @param entry has no value
   * @param position where its block starts
   * @param end where its block ends
   * @param valueStart where its value starts, if it has one
   */
  record Found(JournalEntry entry, long position, long end, long valueStart) {
    long length() {
      return end - position;
    }
  }

  /**
   * Returns the entry at a position, or null if there is none that is whole.
   *
   * @throws IOException if the file cannot be read
   */
  @Nullable Found at(long position) throws IOException {
    Block block = blockAt(position);
    return block == null ? null : at(position, block);
  }

  /** Returns what looks like the block at a position, and whose payload would be there. */
  private @Nullable Block blockAt(long position) throws IOException {
    long room = source.size() - position - JournalFormat.FRAME;
    if (room < 0) {
      return null;
    }
    Block block = Block.of(source.read(position, JournalFormat.FRAME));
    return block == null || block.length() > room ? null : block;
  }

  private @Nullable Found at(long position, Block block) throws IOException {
    long payload = position + JournalFormat.FRAME;
    if (crc(block, payload) != block.crc()) {
      return null;
    }
    int startLength = (int) Math.min(block.length(), JournalFormat.LONGEST_START);
    Decoded decoded = JournalFormat.decode(block, source.read(payload, startLength));
    return decoded == null
        ? null
        : new Found(decoded.entry(), position, payload + block.length(), payload + decoded.start());
  }

  private int crc(Block block, long payload) throws IOException {
    CRC32C crc = block.begunCrc();
    for (long done = 0; done < block.length(); ) {
      int count = (int) Math.min(PIECE, block.length() - done);
      source.read(payload + done, piece, count);
      crc.update(piece, 0, count);
      done += count;
    }
    return (int) crc.getValue();
  }

  /**
   * Returns whether a whole entry starts at a position or behind it, or may do so.
   *
   * <p>Implementation note: what looks like the start of a block may name a long payload, and there
   * may be very many of them, each with most of the file to be summed up. So only as many bytes are
   * summed up as there are; beyond that the answer is that there may be one.
   */
  boolean mayHaveMore(long position) throws IOException {
    long left = source.size() - position;
    for (long at = position; at + JournalFormat.FRAME <= source.size(); ) {
      int count = (int) Math.min(PIECE, source.size() - at);
      byte[] bytes = source.read(at, count);
      for (int i = 0; i < count; i++) {
        Block block = JournalFormat.mayBegin(bytes[i]) ? blockAt(at + i) : null;
        if (block != null) {
          left -= block.length();
          if (left < 0 || at(at + i, block) != null) {
            return true;
          }
        }
      }
      at += count;
    }
    return false;
  }

  /** Returns the value of an entry that was found before, or null if it is no longer whole. */
  @Nullable Bytes value(long position) throws IOException {
    Found found = at(position);
    if (found == null) {
      return null;
    }
    Bytes.Builder value = new Bytes.Builder(Long.MAX_VALUE);
    for (long at = found.valueStart(); at < found.end(); ) {
      int count = (int) Math.min(PIECE, found.end() - at);
      source.read(at, piece, count);
      value.write(piece, 0, count);
      at += count;
    }
    return value.toBytes();
  }
}
