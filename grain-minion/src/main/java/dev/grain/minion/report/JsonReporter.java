package dev.grain.minion.report;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Appends each event to a file, as one line. There is a file for each minion, with its uid as its
 * name, so that nobody else writes to it, and it can be read meanwhile.
 */
public final class JsonReporter implements Reporter {
  private final Path folder;

  // opened with the first event
  private @Nullable FileChannel file;

  /**
   * Makes the folder, with its parents.
   *
   * @throws IOException if that is not possible
   */
  public JsonReporter(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  @Override
  public void fire(MinionEvent event) throws IOException {
    if (file == null) {
      file = FileChannel.open(folder.resolve(event.uid()), CREATE, WRITE, APPEND);
    }
    ByteBuffer line =
        ByteBuffer.wrap((EventJson.write(event) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      file.write(line);
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
