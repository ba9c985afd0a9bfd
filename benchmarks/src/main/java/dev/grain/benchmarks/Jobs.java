package dev.grain.benchmarks;

import java.util.List;
import java.util.function.Function;

/** The functions that jobs run, the same for every system. */
final class Jobs {
  /** Where {@link #increment} is among {@link #NUMBERED}. */
  static final int INCREMENT = 0;

  /** Where {@link #first} is among {@link #NUMBERED}. */
  static final int FIRST = 1;

  /** Where {@link #compute} is among {@link #NUMBERED}. */
  static final int COMPUTE = 2;

  /** The functions for those systems that know them by number. */
  static final List<Function<Object, Object>> NUMBERED =
      List.of(
          number -> increment((Integer) number),
          bytes -> first((byte[]) bytes),
          work -> compute((Long) work));

  private Jobs() {}

  /** An empty job: as little as a job can do so that it shows whether it was done. */
  static int increment(int number) {
    return number + 1;
  }

  /** An empty job with an argument of some size: increments the number at its beginning. */
  static int first(byte[] bytes) {
    return increment(Payload.number(bytes));
  }

  /** Returns the argument of {@link #compute}: which job it is, and how much it computes. */
  static long work(int number, int units) {
    return (long) number << 32 | units;
  }

  /** Computes for a while, and returns what depends on all of it. */
  static int compute(long work) {
    long state = (work >>> 32) + 1;
    for (int left = (int) work; left > 0; left--) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
    }
    return (int) state;
  }

  /** Returns that many bytes, the same ones each time. */
  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i += 1024) {
      bytes[i] = (byte) (i >> 10);
    }
    return Payload.numbered(bytes, size);
  }

  /**
   * Returns a sum of some of the bytes of {@link #bytes}, which shows if parts are lost or moved.
   */
  static int check(byte[] bytes) {
    int step = Math.max(1024, (bytes.length >> 10) & -1024);
    int sum = Payload.number(bytes);
    for (int i = step; i < bytes.length; i += step) {
      sum += bytes[i];
    }
    return sum;
  }

  /** Returns the {@link #check} of {@link #bytes}. */
  static int checkOf(int size) {
    return check(bytes(size));
  }
}
