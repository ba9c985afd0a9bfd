package dev.grain.node.isolated;

import dev.grain.bytes.Bytes;
import dev.grain.node.process.Mark;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM needs to know before its first job.
 *
 * @param resultLimit how many bytes a result may take
 * @param memory how many bytes its jobs have requested to get its heap; 0 if that is for another
 *     reason
 * @param mark is in its environment; null if there is none
 * @param code what it needs to load the code of its jobs
 */
record Setup(long resultLimit, long memory, @Nullable Mark mark, Bytes code) {
  void write(Path file) throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeLong(resultLimit);
      out.writeLong(memory);
      out.writeBoolean(mark != null);
      if (mark != null) {
        out.writeUTF(mark.name());
        out.writeUTF(mark.value());
      }
      code.stream().transferTo(out);
    }
  }

  static Setup read(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      return new Setup(
          in.readLong(),
          in.readLong(),
          in.readBoolean() ? new Mark(in.readUTF(), in.readUTF()) : null,
          Bytes.of(in.readAllBytes()));
    }
  }
}
