package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A disk on which something happens at each operation that changes it: a kill, for example. */
final class FaultyDisk implements Disk {
  /** What happens at the operations. */
  @FunctionalInterface
  interface Fault {
    /**
     * Called before an operation.
     *
     * @param step the number of the operation, from 0
     * @return how much of it is done
     */
    Extent at(int step);
  }

  /** How much of an operation is done before the process is killed. */
  enum Extent {
    /** All, and the process lives. */
    ALL,
    /** Nothing, and the process lives, and is told so. */
    REFUSED,
    /**
     * All, and the process lives; but a file server was asked twice to rename a file, as its first
     * answer was lost, and says that there is none.
     */
    ANSWERED_TWICE,
    NOTHING,
    /** Half of what was to be appended; of other operations, nothing. */
    HALF,
    /** All, but the process does not live to see it. */
    ALL_AND_KILLED
  }

  /** Stands for the end of a process; nothing catches it. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private final Disk disk;
  private final Fault fault;
  private int steps;
  private Extent last = Extent.ALL;
  private boolean dead;

  FaultyDisk(Disk disk, Fault fault) {
    this.disk = disk;
    this.fault = fault;
  }

  /** Returns how many operations there were. */
  int steps() {
    return steps;
  }

  boolean isDead() {
    return dead;
  }

  @FunctionalInterface
  private interface Operation {
    void run() throws IOException;
  }

  private void change(Operation whole, Operation half) throws IOException {
    ensureAlive();
    Extent extent = fault.at(steps++);
    last = extent;
    switch (extent) {
      case ALL, ALL_AND_KILLED, ANSWERED_TWICE -> whole.run();
      case HALF -> half.run();
      case NOTHING -> {}
      case REFUSED -> throw new IOException("Stale file handle");
    }
    if (extent != Extent.ALL && extent != Extent.ANSWERED_TWICE) {
      dead = true;
      throw new Killed();
    }
  }

  private void ensureAlive() {
    if (dead) {
      throw new Killed();
    }
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    ensureAlive();
    return disk.list(folder);
  }

  @Override
  public byte[] read(Path file, long from) throws IOException {
    ensureAlive();
    return disk.read(file, from);
  }

  @Override
  public long size(Path file) throws IOException {
    ensureAlive();
    return disk.size(file);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    change(
        () -> disk.write(file, content),
        () -> disk.write(file, Arrays.copyOf(content, content.length / 2)));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    change(() -> disk.rename(from, to), () -> {});
    if (last == Extent.ANSWERED_TWICE) {
      throw new NoSuchFileException(from.toString());
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    change(() -> disk.delete(file), () -> {});
  }

  @Override
  public Appender append(Path file) throws IOException {
    ensureAlive();
    Appender appender = disk.append(file);
    return new Appender() {
      @Override
      public void append(byte[] bytes, boolean lasting) throws IOException {
        change(
            () -> appender.append(bytes, lasting),
            () -> appender.append(Arrays.copyOf(bytes, bytes.length / 2), lasting));
      }

      @Override
      public void close() throws IOException {
        appender.close();
      }
    };
  }
}
