package dev.grain.cli.minion;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.LongFunction;

/** Where the items that fill a queue come from. */
sealed interface Items {
  /** Returns them; for one thread, and once. */
  Iterator<byte[]> open();

  /** Those that are read. */
  record Read(Iterable<byte[]> items) implements Items {
    @Override
    public Iterator<byte[]> open() {
      return items.iterator();
    }
  }

  /**
   * Those that are computed from their number.
   *
   * @param count how many there are
   * @param item returns one, from 0
   */
  record Numbered(long count, LongFunction<String> item) implements Items {
    @Override
    public Iterator<byte[]> open() {
      return new Iterator<>() {
        private long next;

        @Override
        public boolean hasNext() {
          return next < count;
        }

        @Override
        public byte[] next() {
          if (next >= count) {
            throw new NoSuchElementException();
          }
          return item.apply(next++).getBytes(StandardCharsets.UTF_8);
        }
      };
    }

    /**
     * Returns some of them, in order; all if there are not so many.
     *
     * @param most how many
     * @param seed determines which
     */
    Numbered sample(int most, long seed) {
      if (most >= count) {
        return this;
      }
      // Floyd's: each set of that size is as likely as any other
      Random random = new Random(seed);
      SequencedSet<Long> chosen = new LinkedHashSet<>();
      for (long limit = count - most; limit < count; limit++) {
        long candidate = random.nextLong(limit + 1);
        chosen.add(chosen.contains(candidate) ? limit : candidate);
      }
      long[] numbers = new TreeSet<>(chosen).stream().mapToLong(number -> number).toArray();
      return new Numbered(numbers.length, i -> item.apply(numbers[(int) i]));
    }
  }
}
