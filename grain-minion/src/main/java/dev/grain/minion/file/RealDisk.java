package dev.grain.minion.file;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The files of a file system. */
final class RealDisk implements Disk {
  @Override
  public List<String> list(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        names.add(file.getFileName().toString());
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  /** A file server may have forgotten a file that was open: then it is looked for once more. */
  @Override
  public byte[] read(Path file, long from) throws IOException {
    try {
      return readOnce(file, from);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      return readOnce(file, from);
    }
  }

  private static byte[] readOnce(Path file, long from) throws IOException {
    try (FileChannel channel = FileChannel.open(file, READ)) {
      long length = channel.size() - from;
      if (length <= 0) {
        return new byte[0];
      }
      ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(length));
      channel.position(from);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until it is full, or the file has become shorter
      }
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      return bytes;
    }
  }

  @Override
  public long size(Path file) throws IOException {
    try {
      try {
        return sizeOnce(file);
      } catch (FileSystemException e) {
        throw e;
      } catch (IOException e) {
        return sizeOnce(file);
      }
    } catch (NoSuchFileException e) {
      return -1;
    }
  }

  /** Opens it, because NFS asks the server for the length then. */
  private static long sizeOnce(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, READ)) {
      return channel.size();
    }
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public Appender append(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, CREATE, WRITE, APPEND);
    return new Appender() {
      // only accessed by the thread of the queue
      private final ByteBuffer direct = ByteBuffer.allocateDirect(256);

      @Override
      public void append(byte[] bytes, boolean lasting) throws IOException {
        ByteBuffer buffer =
            bytes.length <= direct.capacity()
                ? direct.clear().put(bytes).flip()
                : ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        if (lasting) {
          channel.force(false);
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
