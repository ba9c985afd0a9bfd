package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A disk that is full for a while, so that lines are cut and files are not written as a whole. */
final class FullDisk implements Disk {
  private final Disk disk;
  private final int from;
  private final int to;
  private final int cut;
  private final AtomicBoolean noticed;
  private int steps;

  /**
   * Makes one.
   *
   * @param from the number of the first operation that fails, from 0
   * @param to the number of the first operation behind that succeeds again
   * @param cut how many bytes at the end there is no room for
   * @param noticed is set behind an operation that has failed
   */
  FullDisk(Disk disk, int from, int to, int cut, AtomicBoolean noticed) {
    this.disk = disk;
    this.from = from;
    this.to = to;
    this.cut = cut;
    this.noticed = noticed;
  }

  private boolean isFull() {
    int step = steps++;
    return step >= from && step < to;
  }

  private byte[] start(byte[] bytes) {
    return Arrays.copyOf(bytes, Math.max(0, bytes.length - cut));
  }

  private IOException full() {
    noticed.set(true);
    return new IOException("No space left on device");
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    return disk.list(folder);
  }

  @Override
  public byte[] read(Path file, long position) throws IOException {
    return disk.read(file, position);
  }

  @Override
  public long size(Path file) throws IOException {
    return disk.size(file);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    if (isFull()) {
      disk.write(file, start(content));
      throw full();
    }
    disk.write(file, content);
  }

  @Override
  public void rename(Path old, Path name) throws IOException {
    if (isFull()) {
      throw full();
    }
    disk.rename(old, name);
  }

  @Override
  public void delete(Path file) throws IOException {
    disk.delete(file);
  }

  @Override
  public Appender append(Path file) throws IOException {
    if (isFull()) {
      throw full();
    }
    Appender appender = disk.append(file);
    return new Appender() {
      @Override
      public void append(byte[] bytes, boolean lasting) throws IOException {
        if (isFull()) {
          appender.append(start(bytes), lasting);
          throw full();
        }
        appender.append(bytes, lasting);
      }

      @Override
      public void close() throws IOException {
        appender.close();
      }
    };
  }
}
