package dev.grain.minion.lines;

import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lines as items. A thread reads them, because reading cannot be interrupted. */
final class LineQueue implements QueueEngine {
  private static final int READ_AHEAD = 1024;
  private static final Duration LEASE = Duration.ofDays(365);

  private final String name;
  private final InputStream in;
  private final Thread reader;
  // what the reading thread hands over
  private final BlockingQueue<Read> read = new ArrayBlockingQueue<>(READ_AHEAD);

  // all only accessed by the thread of the queue
  private final PriorityQueue<Line> returned =
      new PriorityQueue<>(Comparator.comparingLong(Line::due));
  private boolean hasReadAll;
  private long last;
  private long inFlight;
  private long done;
  private long dead;

  private sealed interface Read {
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record One(byte[] line) implements Read {}

    record End(@Nullable IOException why) implements Read {}
  }

  /** An item that comes again. */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Line(long number, byte[] value, int deliveries, long due) {}

  LineQueue(String name, InputStream in) {
    this.name = name;
    this.in = in;
    this.reader = Thread.ofPlatform().daemon().name("grain-minion-lines").start(this::readAll);
  }

  private void readAll() {
    try {
      @Nullable IOException problem = null;
      try {
        for (byte[] line = readLine(); line != null; line = readLine()) {
          read.put(new Read.One(line));
        }
      } catch (IOException e) {
        problem = e;
      }
      read.put(new Read.End(problem));
    } catch (InterruptedException e) {
      // the queue is closed
    } finally {
      if (in != System.in) {
        close(in);
      }
    }
  }

  private static void close(InputStream file) {
    try {
      file.close();
    } catch (IOException e) {
      // it was only read
    }
  }

  private byte @Nullable [] readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    while (next >= 0 && next != '\n') {
      line.write(next);
      next = in.read();
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip().getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Line again = returned.peek();
      long now = System.nanoTime();
      if (again != null && again.due() - now <= 0) {
        returned.remove();
        return new Given(again);
      }
      long left = deadline - now;
      if (hasReadAll && left <= 0) {
        return null;
      }
      long wait = again == null ? left : Math.min(left, again.due() - now);
      if (hasReadAll) {
        TimeUnit.NANOSECONDS.sleep(wait);
        continue;
      }
      switch (read.poll(wait, TimeUnit.NANOSECONDS)) {
        case Read.One(byte[] line) -> {
          return new Given(new Line(++last, line, 0, 0));
        }
        case Read.End(IOException why) -> {
          hasReadAll = true;
          if (why != null) {
            throw new QueueException(
                "%s cannot be read: %s".formatted(name, why.getMessage()), why);
          }
        }
        case null -> {
          if (deadline - System.nanoTime() <= 0) {
            return null;
          }
        }
      }
    }
  }

  @Override
  public boolean isDrained() {
    return hasReadAll && inFlight == 0 && returned.isEmpty();
  }

  @Override
  public QueueStats stats() {
    return new QueueStats(
        hasReadAll ? OptionalLong.of(0) : OptionalLong.empty(),
        OptionalLong.of(inFlight + returned.size()),
        OptionalLong.of(done),
        OptionalLong.of(dead),
        OptionalLong.of(1));
  }

  /** Ends the thread, unless it waits for standard input, which nothing can end. */
  @Override
  public void close() {
    reader.interrupt();
  }

  private final class Given implements Delivery {
    private final Line line;

    Given(Line line) {
      this.line = line;
      inFlight++;
    }

    @Override
    public String id() {
      return name + ":" + line.number();
    }

    @Override
    public byte[] value() {
      return line.value();
    }

    @Override
    public int count() {
      return line.deliveries() + 1;
    }

    @Override
    public Duration lease() {
      return LEASE;
    }

    @Override
    public void extend() {}

    @Override
    public void ack() {
      inFlight--;
      done++;
    }

    @Override
    public void nack(Duration delay) {
      giveBack(count(), delay);
    }

    @Override
    public void release() {
      giveBack(line.deliveries(), Duration.ZERO);
    }

    private void giveBack(int deliveries, Duration delay) {
      inFlight--;
      long due = System.nanoTime() + delay.toNanos();
      returned.add(new Line(line.number(), line.value(), deliveries, due));
    }

    /** There is no place for it but the messages of the minion. */
    @Override
    public void dead(String reason) {
      inFlight--;
      dead++;
    }
  }
}
