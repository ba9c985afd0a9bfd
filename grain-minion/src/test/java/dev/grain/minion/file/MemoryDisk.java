package dev.grain.minion.file;

import java.io.ByteArrayOutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files in memory, for tests that kill a minion at each of its operations. For one thread at a
 * time.
 */
final class MemoryDisk implements Disk {
  private final SequencedMap<Path, ByteArrayOutputStream> files = new TreeMap<>();

  private ByteArrayOutputStream existing(Path file) throws NoSuchFileException {
    ByteArrayOutputStream content = files.get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return content;
  }

  @Override
  public synchronized List<String> list(Path folder) {
    List<String> names = new ArrayList<>();
    for (Path file : files.keySet()) {
      if (folder.equals(file.getParent())) {
        names.add(String.valueOf(file.getFileName()));
      }
    }
    return names;
  }

  @Override
  public synchronized byte[] read(Path file, long from) throws NoSuchFileException {
    byte[] all = existing(file).toByteArray();
    return Arrays.copyOfRange(all, (int) Math.min(from, all.length), all.length);
  }

  @Override
  public synchronized long size(Path file) {
    @Nullable ByteArrayOutputStream content = files.get(file);
    return content == null ? -1 : content.size();
  }

  @Override
  public synchronized void write(Path file, byte[] content) throws FileAlreadyExistsException {
    ByteArrayOutputStream made = new ByteArrayOutputStream();
    made.writeBytes(content);
    if (files.putIfAbsent(file, made) != null) {
      throw new FileAlreadyExistsException(file.toString());
    }
  }

  @Override
  public synchronized void rename(Path from, Path to)
      throws NoSuchFileException, FileAlreadyExistsException {
    ByteArrayOutputStream content = existing(from);
    if (files.containsKey(to)) {
      throw new FileAlreadyExistsException(to.toString(), from.toString(), "names are unique");
    }
    files.remove(from);
    files.put(to, content);
  }

  @Override
  public synchronized void delete(Path file) {
    files.remove(file);
  }

  @Override
  public synchronized Appender append(Path file) {
    ByteArrayOutputStream content = files.computeIfAbsent(file, _ -> new ByteArrayOutputStream());
    return new Appender() {
      @Override
      public void append(byte[] bytes, boolean lasting) {
        synchronized (MemoryDisk.this) {
          content.writeBytes(bytes);
        }
      }

      @Override
      public void close() {}
    };
  }

  synchronized List<Path> files() {
    return List.copyOf(files.keySet());
  }
}
