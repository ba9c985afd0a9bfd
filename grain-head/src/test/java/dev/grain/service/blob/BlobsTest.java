package dev.grain.service.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.service.blob.BlobException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs on a disk. */
final class BlobsTest {
  private static final byte[] BYTES = bytes(1, 200_000);
  private static final BlobHash HASH = BlobHash.of(BYTES);

  @TempDir private Path folder;
  private Blobs blobs;

  @BeforeEach
  void open() {
    blobs = Blobs.open(folder, 0, Clock.systemUTC());
  }

  static byte[] bytes(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private Upload begin(long offset) {
    return blobs.upload(HASH, offset, OptionalLong.empty());
  }

  private static void write(Upload upload, int from, int to) {
    upload.write(ByteBuffer.wrap(BYTES, from, to - from));
  }

  private void upload(int from) {
    try (Upload upload = begin(from)) {
      write(upload, from, BYTES.length);
      upload.complete();
    }
  }

  static byte[] read(Blobs blobs, BlobHash hash) throws IOException {
    try (FileChannel channel = blobs.read(hash)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) channel.size());
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until all is read
      }
      return buffer.array();
    }
  }

  /** Returns the files in the folder, without their folders. */
  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void blob_thatIsComplete_isFound() throws Exception {
    assertThat(blobs.size(HASH)).isEmpty();
    assertThatThrownBy(() -> blobs.read(HASH))
        .isInstanceOf(BlobException.class)
        .hasMessageContaining("There is no blob " + HASH);
    try (Upload upload = begin(0)) {
      write(upload, 0, 100_000);
      assertThat(blobs.size(HASH)).isEmpty();
      assertThat(upload.arrived()).isEqualTo(100_000);
      write(upload, 100_000, BYTES.length);
      assertThat(blobs.size(HASH)).isEmpty();
      upload.complete();
    }
    assertThat(blobs.size(HASH)).hasValue(BYTES.length);
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
    assertThat(folder.resolve(HASH.hex().substring(0, 2)).resolve(HASH.hex())).exists();
    assertThat(files()).containsExactly(HASH.hex());
    open();
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
  }

  @Test
  void blob_ofNoBytes_isABlob() throws Exception {
    BlobHash empty = BlobHash.of(new byte[0]);
    try (Upload upload = blobs.upload(empty, 0, OptionalLong.of(0))) {
      upload.complete();
    }
    assertThat(read(blobs, empty)).isEmpty();
  }

  @Test
  void missing_areThoseThatAreNotThere_orNotComplete() {
    upload(0);
    BlobHash half = BlobHash.of(bytes(2, 10));
    try (Upload upload = blobs.upload(half, 0, OptionalLong.empty())) {
      upload.write(ByteBuffer.wrap(bytes(2, 10), 0, 5));
    }
    BlobHash none = BlobHash.of(bytes(3, 10));
    assertThat(blobs.missing(List.of(none, HASH, half, none))).containsExactly(none, half);
  }

  @Test
  void upload_thatBreaksOff_goesOn() throws Exception {
    try (Upload upload = begin(0)) {
      write(upload, 0, 70_000);
    }
    assertThat(blobs.arrived(HASH)).isEqualTo(70_000);
    open();
    assertThat(blobs.arrived(HASH)).isEqualTo(70_000);
    upload(70_000);
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
    assertThat(blobs.arrived(HASH)).isZero();
    assertThat(files()).containsExactly(HASH.hex());
  }

  @Test
  void upload_fromBeforeTheEnd_writesThatAgain() throws Exception {
    try (Upload upload = begin(0)) {
      write(upload, 0, 70_000);
    }
    upload(50_000);
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
  }

  @Test
  void upload_fromBehindTheEnd_isTold_whatHasArrived() throws Exception {
    try (Upload upload = begin(0)) {
      write(upload, 0, 70_000);
    }
    assertThatThrownBy(() -> begin(70_001))
        .isInstanceOfSatisfying(
            BlobException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.WRONG_OFFSET);
              assertThat(e.arrived()).isEqualTo(70_000);
            })
        .hasMessageContaining("70000 bytes have arrived")
        .hasMessageContaining("Send it from 70000 on.");
  }

  @Test
  void upload_ofOtherBytes_isRefused_andRemoved() throws Exception {
    try (Upload upload = begin(0)) {
      upload.write(ByteBuffer.wrap(bytes(9, 1000)));
      assertThatThrownBy(upload::complete)
          .isInstanceOfSatisfying(
              BlobException.class, e -> assertThat(e.kind()).isEqualTo(Kind.WRONG_HASH))
          .hasMessageContaining("has the SHA-256 " + BlobHash.of(bytes(9, 1000)));
    }
    assertThat(blobs.size(HASH)).isEmpty();
    assertThat(blobs.arrived(HASH)).isZero();
    assertThat(files()).isEmpty();
    upload(0);
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
  }

  @Test
  void upload_thatGoesOnBehindOtherBytes_isRefused() throws Exception {
    try (Upload upload = begin(0)) {
      upload.write(ByteBuffer.wrap(bytes(9, 1000)));
    }
    assertThatThrownBy(() -> upload(1000)).isInstanceOf(BlobException.class);
    assertThat(files()).isEmpty();
  }

  @Test
  void uploads_atATime_doNotDisturbEachOther() throws Exception {
    try (Upload first = begin(0);
        Upload second = begin(0)) {
      write(first, 0, 1000);
      write(second, 0, 500);
      // those that go on are no part to go on with
      assertThat(blobs.arrived(HASH)).isZero();
      assertThatThrownBy(() -> begin(500)).hasMessageContaining("Send it from 0 on.");
      write(first, 1000, BYTES.length);
      first.complete();
      assertThat(read(blobs, HASH)).isEqualTo(BYTES);
      write(second, 500, BYTES.length);
      second.complete();
    }
    assertThat(files()).containsExactly(HASH.hex());
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
  }

  @Test
  void uploads_ofOneBlobByManyThreads_makeOne() throws Exception {
    Callable<Boolean> one =
        () -> {
          upload(0);
          return true;
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> each : threads.invokeAll(Collections.nCopies(20, one))) {
        assertThat(each.get()).isTrue();
      }
    }
    assertThat(files()).containsExactly(HASH.hex());
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
  }

  @Test
  @SuppressWarnings("try")
  void upload_thatReceivesNothing_isTakenOver() throws Exception {
    blobs = Blobs.open(folder, 0, Clock.systemUTC(), Duration.ofNanos(-1));
    try (Upload stalled = begin(0)) {
      write(stalled, 0, 70_000);
      assertThat(blobs.arrived(HASH)).isEqualTo(70_000);
      try (Upload next = begin(70_000)) {
        assertThatThrownBy(() -> write(stalled, 70_000, BYTES.length))
            .isInstanceOfSatisfying(
                BlobException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TAKEN_OVER));
        assertThatThrownBy(stalled::complete).isInstanceOf(BlobException.class);
        stalled.close();
        write(next, 70_000, BYTES.length);
        next.complete();
      }
    }
    assertThat(read(blobs, HASH)).isEqualTo(BYTES);
    assertThat(files()).containsExactly(HASH.hex());
  }

  @Test
  void open_keepsTheLongestPart_ofWhatIsNotThere() throws Exception {
    Path uploads = folder.resolve("uploads");
    upload(0);
    BlobHash other = BlobHash.of(bytes(2, 10));
    Files.write(uploads.resolve(HASH + ".7"), Arrays.copyOf(BYTES, 7));
    Files.write(uploads.resolve(other + ".3"), new byte[3]);
    Files.write(uploads.resolve(other + ".4"), new byte[5]);
    Files.write(uploads.resolve(other + ".5"), new byte[4]);
    Files.write(uploads.resolve("else"), new byte[4]);
    open();
    assertThat(files()).containsExactlyInAnyOrder(HASH.hex(), other + ".4");
    assertThat(blobs.arrived(other)).isEqualTo(5);
  }

  @Test
  void name_thatIsNoHash_isRefused() {
    List<String> names = new ArrayList<>(List.of("", "..", "../../etc/passwd", "a".repeat(63)));
    names.add("a".repeat(65));
    names.add("A".repeat(64));
    names.add("../" + "a".repeat(61));
    names.add("a".repeat(62) + "/b");
    names.add("a".repeat(63) + "\0");
    names.add("١".repeat(64));
    for (String name : names) {
      assertThatThrownBy(() -> new BlobHash(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not the name of a blob");
    }
  }

  @Test
  void upload_thatIsTooLarge_isRefused() throws Exception {
    assertThatThrownBy(() -> blobs.upload(HASH, 0, OptionalLong.of(Blobs.MOST_BYTES + 1)))
        .isInstanceOfSatisfying(
            BlobException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
    assertThatThrownBy(() -> blobs.upload(HASH, -1, OptionalLong.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(files()).isEmpty();
  }
}
