package dev.grain.minion.lines;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;

/**
 * The lines of a file as items, {@code lines:FILE}, or of standard input, {@code lines:-}. One
 * minion has all of them, as with xargs; when it ends, nobody remembers which of them are done.
 */
public final class LineQueues implements QueueProvider {
  @Override
  public String scheme() {
    return "lines";
  }

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    if (address.rest().equals("-")) {
      return new LineQueue(address.toString(), System.in);
    }
    Path file = Path.of(address.rest());
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new QueueException(
          "The file %s with the items does not exist, or cannot be read.".formatted(file));
    }
    try {
      InputStream in = new BufferedInputStream(new FileInputStream(file.toFile()));
      return new LineQueue(address.toString(), in);
    } catch (IOException e) {
      throw new QueueException("The file %s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static UnsupportedOperationException refused(QueueAddress address) {
    return new UnsupportedOperationException(
        "%s is a list of lines, and not a queue that can be managed. Use a folder, such as file:sweeps."
            .formatted(address));
  }

  @Override
  public void create(QueueAddress address, QueueSettings settings) {
    throw refused(address);
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items) {
    throw refused(address);
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) {
    throw refused(address);
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver) {
    throw refused(address);
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) {
    throw refused(address);
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) {
    throw refused(address);
  }
}
