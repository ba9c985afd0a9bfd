package dev.grain.bytes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sequence of bytes, kept in chunks, so that a large value needs no large array.
 *
 * <p>Two sequences are equal if they hold the same bytes, however they are cut.
 */
public final class Bytes {
  /**
   * The largest chunk that {@link Builder} makes: below what garbage collectors treat as huge, and
   * with its header a whole part of their regions.
   */
  static final int CHUNK = 256 * 1024 - 16;

  private static final Bytes EMPTY = new Bytes(new byte[0], null);

  private final byte[] first;
  private final byte @Nullable [][] rest;
  // computed on demand by any thread; always the same value
  private int hash;

  private Bytes(byte[] first, byte @Nullable [][] rest) {
    this.first = first;
    this.rest = rest;
  }

  /** Returns the empty sequence. */
  public static Bytes empty() {
    return EMPTY;
  }

  /**
   * Returns a sequence over the array, which must not be changed any more.
   *
   * @param bytes the bytes, not copied
   */
  public static Bytes of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Bytes(bytes, null);
  }

  /**
   * Returns the sequences one after the other.
   *
   * @param parts the sequences; their bytes are shared and not copied
   */
  public static Bytes join(List<Bytes> parts) {
    List<byte[]> chunks = new ArrayList<>(parts.size());
    parts.forEach(part -> chunks.addAll(part.chunks()));
    if (chunks.isEmpty()) {
      return EMPTY;
    }
    byte[] first = chunks.removeFirst();
    return new Bytes(first, chunks.isEmpty() ? null : chunks.toArray(byte[][]::new));
  }

  /**
   * Returns the chunks, none of them empty, in their order.
   *
   * <p>The arrays must not be changed.
   */
  public List<byte[]> chunks() {
    List<byte[]> chunks = new ArrayList<>(rest == null ? 1 : rest.length + 1);
    if (first.length > 0) {
      chunks.add(first);
    }
    if (rest != null) {
      for (byte[] chunk : rest) {
        if (chunk.length > 0) {
          chunks.add(chunk);
        }
      }
    }
    return chunks;
  }

  /**
   * Cuts the sequence into pieces that consist of one chunk each. A chunk that is short enough is
   * shared; a longer one is copied bit by bit, as the pieces are asked for.
   *
   * <p>The iterator does not hold on to what it has returned, so that a long sequence that nobody
   * else holds goes away piece by piece.
   *
   * @param most how many bytes a piece may have
   */
  public Iterator<Bytes> pieces(int most) {
    if (most <= 0) {
      throw new IllegalArgumentException("A piece of " + most + " bytes");
    }
    return new Pieces(new ArrayDeque<>(chunks()), most);
  }

  /** Returns the text in UTF-8. */
  public static Bytes utf8(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the text that these bytes are in UTF-8; what is none is replaced. */
  public String utf8() {
    byte[] single = single();
    if (single != null) {
      return new String(single, StandardCharsets.UTF_8);
    }
    try {
      return new String(stream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError("Nothing can fail in memory", e);
    }
  }

  /** Returns whether there are none. */
  public boolean isEmpty() {
    return first.length == 0;
  }

  /** Returns the number of bytes. */
  public long length() {
    long length = first.length;
    if (rest != null) {
      for (byte[] chunk : rest) {
        length += chunk.length;
      }
    }
    return length;
  }

  /**
   * Returns the only chunk, or null if there are several.
   *
   * <p>The array must not be changed.
   */
  public byte @Nullable [] single() {
    return rest == null ? first : null;
  }

  /** Returns a stream over the bytes; it needs no closing. */
  public InputStream stream() {
    return new ChunkStream();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof Bytes that) || hashCode() != that.hashCode()) {
      return false;
    }
    if (rest == null && that.rest == null) {
      return Arrays.equals(first, that.first);
    }
    return length() == that.length() && equalContents(that);
  }

  private boolean equalContents(Bytes that) {
    InputStream mine = stream();
    InputStream others = that.stream();
    try {
      for (int next = mine.read(); next >= 0; next = mine.read()) {
        if (next != others.read()) {
          return false;
        }
      }
      return true;
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Override
  public int hashCode() {
    int result = hash;
    if (result == 0) {
      result = 1;
      result = hashOf(result, first);
      if (rest != null) {
        for (byte[] chunk : rest) {
          result = hashOf(result, chunk);
        }
      }
      hash = result;
    }
    return result;
  }

  private static int hashOf(int start, byte[] chunk) {
    int result = start;
    for (byte next : chunk) {
      result = 31 * result + next;
    }
    return result;
  }

  @Override
  public String toString() {
    return length() + " bytes";
  }

  /** Cuts chunks into pieces. */
  private static final class Pieces implements Iterator<Bytes> {
    private final Deque<byte[]> chunks;
    private final int most;
    // within the first of the chunks
    private int position;

    Pieces(Deque<byte[]> chunks, int most) {
      this.chunks = chunks;
      this.most = most;
    }

    @Override
    public boolean hasNext() {
      return !chunks.isEmpty();
    }

    @Override
    public Bytes next() {
      byte[] chunk = chunks.element();
      int end = position + Math.min(most, chunk.length - position);
      boolean whole = position == 0 && end == chunk.length;
      byte[] piece = whole ? chunk : Arrays.copyOfRange(chunk, position, end);
      position = end;
      if (end == chunk.length) {
        chunks.remove();
        position = 0;
      }
      return new Bytes(piece, null);
    }
  }

  /** Reads the chunks one after the other. */
  private final class ChunkStream extends InputStream {
    private byte[] chunk = first;
    private int index;
    private int position;

    @Override
    public int read() {
      return ensureReadable() ? chunk[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, target.length);
      if (length == 0) {
        return 0;
      }
      if (!ensureReadable()) {
        return -1;
      }
      int count = Math.min(length, chunk.length - position);
      System.arraycopy(chunk, position, target, offset, count);
      position += count;
      return count;
    }

    @Override
    public int available() {
      return chunk.length - position;
    }

    private boolean ensureReadable() {
      while (position == chunk.length) {
        if (rest == null || index == rest.length) {
          return false;
        }
        chunk = rest[index++];
        position = 0;
      }
      return true;
    }
  }

  /**
   * Collects a sequence that is written bit by bit, up to a limit.
   *
   * <p>Not safe for use by several threads.
   */
  public static final class Builder extends OutputStream {
    private static final int SMALLEST = 64;
    private static final byte[] NONE = {};

    private final long limit;
    private byte[] chunk = NONE;
    private int used;
    private final List<byte[]> full = new ArrayList<>(0);
    private long fullLength;

    /**
     * Starts an empty sequence.
     *
     * @param limit how many bytes it may have
     */
    public Builder(long limit) {
      this.limit = limit;
    }

    @Override
    public void write(int next) throws LimitExceededException {
      reserve(1);
      chunk[used++] = (byte) next;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws LimitExceededException {
      Objects.checkFromIndexSize(offset, length, source.length);
      int from = offset;
      int left = length;
      if (left >= CHUNK) {
        ensureWithinLimit(left);
        push();
        for (; left >= CHUNK; from += CHUNK, left -= CHUNK) {
          add(Arrays.copyOfRange(source, from, from + CHUNK));
        }
      }
      while (left > 0) {
        reserve(left);
        int count = Math.min(left, chunk.length - used);
        System.arraycopy(source, from, chunk, used, count);
        used += count;
        from += count;
        left -= count;
      }
    }

    /** Returns how many bytes were written. */
    public long length() {
      return fullLength + used;
    }

    /** Returns the sequence; the builder must not be used any more. */
    public Bytes toBytes() {
      push();
      if (full.isEmpty()) {
        return EMPTY;
      }
      byte[] first = full.removeFirst();
      return new Bytes(first, full.isEmpty() ? null : full.toArray(byte[][]::new));
    }

    private void ensureWithinLimit(int wanted) throws LimitExceededException {
      if (length() + wanted > limit) {
        throw new LimitExceededException(limit);
      }
    }

    /** Makes room for at least one more byte, and for as many as are wanted up to a chunk. */
    private void reserve(int wanted) throws LimitExceededException {
      ensureWithinLimit(wanted);
      if (used < chunk.length) {
        return;
      }
      if (chunk.length == CHUNK) {
        push();
        chunk = new byte[CHUNK];
      } else {
        int grown = Math.max(Math.max(2 * chunk.length, SMALLEST), chunk.length + wanted);
        chunk = Arrays.copyOf(chunk, Math.clamp(grown, SMALLEST, CHUNK));
      }
    }

    /** Ends the chunk, which keeps no room. */
    private void push() {
      if (used > 0) {
        add(used == chunk.length ? chunk : Arrays.copyOf(chunk, used));
        chunk = NONE;
        used = 0;
      }
    }

    private void add(byte[] complete) {
      full.add(complete);
      fullLength += complete.length;
    }
  }

  /** More bytes were written than the builder may take. */
  public static final class LimitExceededException extends IOException {
    private static final long serialVersionUID = 1;

    /** The limit, in bytes. */
    private final long limit;

    LimitExceededException(long limit) {
      super("More than " + limit + " bytes");
      this.limit = limit;
    }

    /** Returns the limit, in bytes. */
    public long limit() {
      return limit;
    }
  }
}
