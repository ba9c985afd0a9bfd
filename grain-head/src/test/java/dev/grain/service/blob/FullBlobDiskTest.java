package dev.grain.service.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.service.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs on a disk of one megabyte. */
final class FullBlobDiskTest {
  private static final int SIZE = 1 << 20;

  @TempDir private Path folder;
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "grain", folder.toString());
    assumeTrue(mounted, "Only root can mount a small disk");
  }

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      assertThat(run("umount", folder.toString())).as("umount").isTrue();
    }
  }

  private static boolean run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .onExit()
              .join()
              .exitValue()
          == 0;
    } catch (IOException e) {
      // such a system has no such program
      return false;
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static void put(Blobs blobs, byte[] bytes, OptionalLong length) {
    try (Upload upload = blobs.upload(BlobHash.of(bytes), 0, length)) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.complete();
    }
  }

  private static void assertFull(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL))
        .hasMessageContaining("is full, so nothing was stored. Free some space.");
  }

  @Test
  void upload_thatDoesNotFit_leavesNothing_andOthersGoOn() throws Exception {
    Blobs blobs = Blobs.open(folder, 0, Clock.systemUTC());
    byte[] first = BlobsTest.bytes(1, SIZE / 2);
    put(blobs, first, OptionalLong.of(first.length));
    byte[] large = BlobsTest.bytes(2, SIZE);
    // by what it says, and by what it writes
    assertFull(() -> put(blobs, large, OptionalLong.of(large.length)));
    assertFull(() -> put(blobs, large, OptionalLong.empty()));
    assertThat(files()).hasSize(1);
    assertThat(blobs.arrived(BlobHash.of(large))).isZero();
    byte[] small = BlobsTest.bytes(3, SIZE / 4);
    put(blobs, small, OptionalLong.empty());
    assertThat(BlobsTest.read(blobs, BlobHash.of(small))).isEqualTo(small);
    assertThat(BlobsTest.read(blobs, BlobHash.of(first))).isEqualTo(first);
  }

  @Test
  void upload_intoTheReserve_isRefused() throws Exception {
    Blobs blobs = Blobs.open(folder, SIZE / 2, Clock.systemUTC());
    byte[] bytes = BlobsTest.bytes(1, SIZE * 3 / 4);
    assertFull(() -> put(blobs, bytes, OptionalLong.of(bytes.length)));
    put(blobs, BlobsTest.bytes(2, SIZE / 4), OptionalLong.of(SIZE / 4));
    assertThat(files()).hasSize(1);
  }
}
