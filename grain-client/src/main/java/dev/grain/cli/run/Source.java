package dev.grain.cli.run;

import dev.grain.cli.KnownValues;
import dev.grain.cli.LineReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Where values of inputs come from.
 *
 * @param name the placeholder for its values; empty for none but the number
 * @param linked whether it goes along with the source before it, instead of being combined with it
 * @param values what it has
 */
record Source(String name, boolean linked, Values values) {
  /** The most bytes of a line: more than Linux takes for an argument. */
  private static final int LONGEST = 1 << 20;

  /**
   * A value, or why there is none.
   *
   * @param problem the end of a sentence; null if there is a value
   */
  record Value(String text, @Nullable String problem) {
    static Value of(String text) {
      return new Value(text, null);
    }
  }

  /** Returns the message of an exception of a source. */
  static String sentence(UncheckedIOException e) {
    Throwable cause = e.getCause();
    return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
  }

  /** What a source has. */
  sealed interface Values {
    /**
     * Reads them, lazily.
     *
     * @throws UncheckedIOException also from the iterator, with a sentence for people
     */
    Iterator<Value> open();

    /** Returns how many there are; empty if they have to be read for that. */
    OptionalLong count();
  }

  /** Those that the command line has or describes. */
  record Known(KnownValues known) implements Values {
    @Override
    public Iterator<Value> open() {
      return LongStream.range(0, known.count()).mapToObj(this::value).iterator();
    }

    /** Returns one of them, counted from 0. */
    Value value(long place) {
      return Value.of(known.value(place));
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(known.count());
    }
  }

  /**
   * The lines of a file.
   *
   * @param file null for the standard input
   * @param delimiter the byte that ends a line
   * @param skipsEmpty whether blank lines make no job
   */
  record Lines(@Nullable Path file, byte delimiter, boolean skipsEmpty, InputStream stdin)
      implements Values {
    @Override
    public Iterator<Value> open() {
      try {
        return new LineIterator(
            file == null ? stdin : new FileInputStream(file.toFile()),
            name(),
            delimiter,
            skipsEmpty);
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    private UncheckedIOException unreadable(IOException e) {
      Path path = file == null ? Path.of("-") : file;
      String why =
          Files.isDirectory(path)
              ? "It is a folder."
              : Files.exists(path) ? "Its permissions do not allow it." : "There is no such file.";
      return new UncheckedIOException(
          new IOException("The inputs in %s cannot be read. %s".formatted(path, why), e));
    }

    String name() {
      return file == null ? "standard input" : file.toString();
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.empty();
    }
  }

  /** Reads lines; for one thread. */
  private static final class LineIterator implements Iterator<Value> {
    private final LineReader lines;
    private final String name;
    private final boolean skipsEmpty;
    private long number;
    private @Nullable Value next;
    private boolean ended;

    LineIterator(InputStream in, String name, byte delimiter, boolean skipsEmpty) {
      this.lines = new LineReader(in, delimiter, LONGEST);
      this.name = name;
      this.skipsEmpty = skipsEmpty;
    }

    @Override
    public boolean hasNext() {
      while (next == null && !ended) {
        Value read = read();
        if (read == null) {
          ended = true;
        } else if (!skipsEmpty || !read.text().isBlank() || read.problem() != null) {
          next = read;
        }
      }
      return next != null;
    }

    @Override
    public Value next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Value value = Objects.requireNonNull(next);
      next = null;
      return value;
    }

    private @Nullable Value read() {
      byte[] line;
      try {
        line = lines.next();
      } catch (IOException e) {
        throw new UncheckedIOException(
            new IOException("Reading %s failed: %s".formatted(name, e.getMessage()), e));
      }
      number++;
      return line == null ? null : value(line);
    }

    private Value value(byte[] line) {
      if (lines.length() > LONGEST) {
        return problem("is longer than 1 MiB, which is too long for an argument", line);
      }
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
        return text.indexOf('\0') < 0
            ? Value.of(text)
            : problem("has a NUL character, which cannot be passed to a program", line);
      } catch (CharacterCodingException e) {
        return problem(
            "is not valid UTF-8; convert the file, for example with iconv -t UTF-8", line);
      }
    }

    private Value problem(String what, byte[] line) {
      String shown = new String(line, 0, Math.min(line.length, 40), StandardCharsets.UTF_8);
      return new Value(
          shown.replace('\0', '\uFFFD'), "line %s of %s %s".formatted(number, name, what));
    }
  }
}
