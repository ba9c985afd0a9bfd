package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A disk on which something happens before each operation, also before those that only read. */
record SteppedDisk(Disk disk, Runnable before) implements Disk {
  @Override
  public List<String> list(Path folder) throws IOException {
    before.run();
    return disk.list(folder);
  }

  @Override
  public byte[] read(Path file, long from) throws IOException {
    before.run();
    return disk.read(file, from);
  }

  @Override
  public long size(Path file) throws IOException {
    before.run();
    return disk.size(file);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    before.run();
    disk.write(file, content);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    before.run();
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    before.run();
    disk.delete(file);
  }

  @Override
  public Appender append(Path file) throws IOException {
    before.run();
    Appender appender = disk.append(file);
    return new Appender() {
      @Override
      public void append(byte[] bytes, boolean lasting) throws IOException {
        before.run();
        appender.append(bytes, lasting);
      }

      @Override
      public void close() throws IOException {
        appender.close();
      }
    };
  }
}
