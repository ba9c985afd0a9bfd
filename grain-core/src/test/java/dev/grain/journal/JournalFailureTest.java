package dev.grain.journal;

import static dev.grain.journal.JournalFile.ended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.NothingLeft;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeft.class)
final class JournalFailureTest {
  private static final int JOBS = 5;

  @TempDir private Path folder;

  /** A disk with room for so many bytes; a last piece is written as far as it fits. */
  private static Disk full(Path file, long room) throws IOException {
    Disk disk = Disk.of(file);
    return new Disk() {
      private long left = room;

      @Override
      public void write(ByteBuffer bytes) throws IOException {
        int fits = (int) Math.min(left, bytes.remaining());
        left -= fits;
        disk.write(bytes.slice(bytes.position(), fits));
        if (fits < bytes.remaining()) {
          throw new IOException("No space left on device");
        }
      }

      @Override
      public void force() throws IOException {
        disk.force();
      }

      @Override
      public void close() throws IOException {
        disk.close();
      }
    };
  }

  @Test
  void append_diskFullAtEveryByte_saysWhatIsWrittenAndWhatIsNot() throws IOException {
    Path whole = folder.resolve("whole.journal");
    JournalFile.live(whole, 0, 1, 2, 3, 4);
    long size = Files.size(whole) - JournalFormat.HEADER;
    for (long room = 0; room < size; room++) {
      Path file = folder.resolve("full.journal");
      Files.deleteIfExists(file);
      List<String> expected = written(file, room);
      assertThat(JournalFile.valuesIn(file, JOBS).subList(0, expected.size()))
          .as("room for %d", room)
          .isEqualTo(expected);
    }
  }

  /** Writes one entry after the other, and returns the values of those that were acknowledged. */
  private static List<String> written(Path file, long room) throws IOException {
    List<String> written = new ArrayList<>();
    try (Journal journal = Journal.open(file, "life", real -> full(real, room))) {
      boolean failed = false;
      for (int job = 0; job < JOBS; job++) {
        CompletableFuture<Void> receipt = JournalFile.append(journal, ended(job));
        if (failed || isFailed(receipt, file)) {
          failed = true;
          assertThat(isFailed(receipt, file)).as("job %d after the failure", job).isTrue();
        } else {
          written.add("value of job " + job);
        }
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("cannot be opened: No space left on device");
    }
    return written;
  }

  private static boolean isFailed(CompletableFuture<Void> receipt, Path file) {
    try {
      receipt.join();
      return false;
    } catch (CompletionException e) {
      assertThat(e.getCause())
          .hasMessageContaining(file.getFileName().toString())
          .hasMessageContaining("cannot be written: No space left on device")
          .hasMessageContaining("Free some space or fix the disk");
      return true;
    }
  }

  @Test
  void append_forceFails_nothingIsSaidToBeWritten() throws IOException {
    Path file = folder.resolve("run.journal");
    Disk.Opener failing =
        real -> {
          Disk disk = Disk.of(real);
          return new Disk() {
            private int forces;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
              disk.write(bytes);
            }

            @Override
            public void force() throws IOException {
              if (forces++ > 0) {
                throw new IOException("Input/output error");
              }
              disk.force();
            }

            @Override
            public void close() throws IOException {
              disk.close();
            }
          };
        };
    try (Journal journal = Journal.open(file, "life", failing)) {
      CompletableFuture<Void> first = JournalFile.append(journal, ended(0));
      assertThatThrownBy(first::join).hasMessageContaining("Input/output error");
      assertThatThrownBy(JournalFile.append(journal, ended(1))::join)
          .hasMessageContaining("Input/output error");
    }
  }
}
