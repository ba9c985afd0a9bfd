package dev.grain.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are made once, by threads and by processes that may be killed. */
final class ContentCacheTest {
  private static final long MUCH = 1L << 40;

  /** The size of an entry that {@link #file} makes: a folder, and a file of one block. */
  private static final long ONE = 8192;

  @TempDir private Path scratch;
  private Path folder;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final AtomicInteger made = new AtomicInteger();

  @BeforeEach
  void choose() {
    folder = scratch.resolve("cache");
  }

  private ContentCache cache(long mostBytes) {
    return new ContentCache(folder, mostBytes, () -> now.updateAndGet(time -> time.plusMillis(10)));
  }

  private ContentCache.Maker file(String text) {
    return content -> {
      made.incrementAndGet();
      Files.writeString(content.resolve("file"), text);
    };
  }

  private static String read(Prepared prepared) throws IOException {
    return Files.readString(prepared.path().resolve("file"));
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).toList();
    }
  }

  @Test
  void get_ofSomethingNew_makesItOnceForAllCachesOfTheFolder() throws Exception {
    try (Prepared first = cache(MUCH).get("a", file("one"));
        Prepared second = cache(MUCH).get("a", file("two"))) {
      assertThat(read(first)).isEqualTo("one");
      assertThat(second.path()).isEqualTo(first.path());
      assertThat(made).hasValue(1);
    }
  }

  @Test
  void get_byManyThreads_makesItOnce() throws Exception {
    ContentCache cache = cache(MUCH);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<String> use =
          () -> {
            try (Prepared prepared = cache.get("a", file("one"))) {
              return read(prepared);
            }
          };
      for (Future<String> each : threads.invokeAll(Collections.nCopies(50, use))) {
        assertThat(each.get()).isEqualTo("one");
      }
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void folder_isForItsOwnerOnly() throws Exception {
    assumeTrue(scratch.getFileSystem().supportedFileAttributeViews().contains("posix"));
    cache(MUCH).get("a", file("one")).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }

  @Test
  void entries_overTheBound_leastRecentlyUsedIsRemoved() throws Exception {
    ContentCache cache = cache(2 * ONE);
    cache.get("a", file("a")).close();
    cache.get("b", file("b")).close();
    cache.get("a", file("a")).close();
    cache.get("c", file("c")).close();
    assertThat(entries()).hasSize(2);
    assertThat(made).hasValue(3);
    cache.get("a", file("a")).close();
    assertThat(made).as("a was used after b").hasValue(3);
    cache.get("b", file("b")).close();
    assertThat(made).hasValue(4);
  }

  @Test
  void entryInUse_overTheBound_stays() throws Exception {
    ContentCache cache = cache(ONE);
    Prepared a = cache.get("a", file("a"));
    Prepared alsoA = cache.get("a", file("a"));
    cache.get("b", file("b")).close();
    a.close();
    a.close();
    cache.get("c", file("c")).close();
    assertThat(read(alsoA)).isEqualTo("a");
    alsoA.close();
    cache.get("d", file("d")).close();
    assertThat(alsoA.path()).doesNotExist();
  }

  @Test
  void entryInUse_byAnotherProcess_staysUntilThatIsKilled() throws Exception {
    ContentCache cache = cache(ONE);
    try (OtherProcess other =
        OtherProcess.start(CacheProgram.class, folder.toString(), Long.toString(ONE))) {
      other.tell("get a");
      Path a = Path.of(other.await("got "));
      cache.get("b", file("b")).close();
      assertThat(cache.purge()).isEqualTo(ONE);
      assertThat(a.resolve("by")).hasContent("the other");
      other.kill();
      assertThat(cache.purge()).isEqualTo(ONE);
      assertThat(a).doesNotExist();
      assertThat(entries()).isEmpty();
    }
  }

  @Test
  void get_whileAnotherProcessMakes_waitsForItAndMakesAgainWhenItIsKilled() throws Exception {
    ContentCache cache = cache(MUCH);
    try (OtherProcess other =
            OtherProcess.start(CacheProgram.class, folder.toString(), Long.toString(MUCH));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      other.tell("hang a");
      Path content = Path.of(other.await("making "));
      assertThat(content.resolve("half")).exists();
      Future<Prepared> waiting = threads.submit(() -> cache.get("a", file("whole")));
      cache.get("b", file("b")).close();
      assertThat(waiting.isDone()).isFalse();
      assertThat(content.resolve("half")).as("half-made, but not abandoned").exists();
      other.kill();
      try (Prepared prepared = waiting.get()) {
        assertThat(read(prepared)).isEqualTo("whole");
        assertThat(content.resolve("half")).doesNotExist();
      }
    }
  }

  @Test
  void halfMadeEntry_ofAKilledProcess_isRemovedWhenSomethingElseIsMade() throws Exception {
    try (OtherProcess other =
        OtherProcess.start(CacheProgram.class, folder.toString(), Long.toString(MUCH))) {
      other.tell("hang a");
      Path content = Path.of(other.await("making "));
      other.kill();
      cache(MUCH).get("b", file("b")).close();
      assertThat(content).doesNotExist();
      assertThat(entries()).hasSize(1);
    }
  }

  @Test
  void failure_isRememberedForAMinute() throws Exception {
    ContentCache cache = cache(MUCH);
    ContentCache.Maker failing =
        content -> {
          made.incrementAndGet();
          Files.writeString(content.resolve("file"), "half");
          throw PreparationException.everywhere("There is no branch x.");
        };
    assertThatThrownBy(() -> cache.get("a", failing)).hasMessage("There is no branch x.");
    assertThat(entries()).isEmpty();
    now.updateAndGet(time -> time.plusSeconds(50));
    assertThatThrownBy(() -> cache.get("a", file("a")))
        .isInstanceOfSatisfying(
            PreparationException.class, e -> assertThat(e.isOfThisNode()).isFalse())
        .hasMessage("There is no branch x.");
    assertThat(made).hasValue(1);
    cache.get("b", file("b")).close();
    now.updateAndGet(time -> time.plusSeconds(10));
    try (Prepared prepared = cache.get("a", file("a"))) {
      assertThat(read(prepared)).isEqualTo("a");
    }
  }

  @Test
  void maker_thatFailsUnexpectedly_leavesNothing() throws Exception {
    ContentCache cache = cache(MUCH);
    assertThatThrownBy(() ->
            cache.get(
                "a",
                content -> {
                  Files.writeString(content.resolve("file"), "half");
                  throw new IllegalStateException("a bug");
                }))
        .hasMessage("a bug");
    assertThat(entries()).isEmpty();
    cache.get("a", file("a")).close();
  }

  @Test
  void maker_thatCannotRead_isNamedWithItsKeyAndFolder() {
    assertThatThrownBy(() ->
            cache(MUCH)
                .get(
                    "the thing",
                    _ -> {
                      throw new IOException("it went wrong");
                    }))
        .isInstanceOfSatisfying(
            PreparationException.class, e -> assertThat(e.isOfThisNode()).isTrue())
        .hasMessageContainingAll("the thing", "it went wrong", folder.toString());
  }

  @Test
  void interrupt_whileMaking_leavesNothing() throws Exception {
    ContentCache cache = cache(MUCH);
    CountDownLatch making = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread maker =
        Thread.ofVirtual()
            .start(() -> {
              try {
                cache.get(
                    "a",
                    content -> {
                      Files.writeString(content.resolve("file"), "half");
                      making.countDown();
                      new CountDownLatch(1).await();
                    });
              } catch (PreparationException | InterruptedException e) {
                thrown.set(e);
              }
            });
    making.await();
    maker.interrupt();
    maker.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(entries()).isEmpty();
    cache.get("a", file("a")).close();
  }

  @Test
  void interrupt_whileAnotherThreadMakes_endsTheWaiting() throws Exception {
    ContentCache cache = cache(MUCH);
    CountDownLatch making = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Prepared> first =
          threads.submit(() ->
              cache.get(
                  "a",
                  _ -> {
                    making.countDown();
                    end.await();
                  }));
      making.await();
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread second =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  cache.get("a", file("a"));
                } catch (PreparationException | InterruptedException e) {
                  thrown.set(e);
                }
              });
      second.interrupt();
      second.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      end.countDown();
      first.get().close();
    }
    assertThat(cache.purge()).isPositive();
  }

  @Test
  void fullDisk_isSaidWithWhatToDo_andTakesWhatNobodyUses() throws Exception {
    Files.createDirectories(folder);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "grain", folder.toString()) == 0,
        "Only root can mount a small disk");
    try {
      ContentCache cache = cache(MUCH);
      cache.get("old", bytes(1_500_000)).close();
      try (Prepared fits = cache.get("fits without the old", bytes(1_500_000))) {
        assertThat(fits.path().resolve("file")).hasSize(1_500_000);
        assertThatThrownBy(() -> cache.get("does not fit", bytes(1_500_000)))
            .isInstanceOfSatisfying(
                PreparationException.class, e -> assertThat(e.isOfThisNode()).isTrue())
            .hasMessageContainingAll("is full", "does not fit", folder.toString(), "--cache-dir");
        assertThat(entries()).hasSize(1);
      }
    } finally {
      assertThat(run("umount", folder.toString())).as("umount").isZero();
    }
  }

  @Test
  void fullDisk_asThrown_isSaidWithWhatToDo() throws Exception {
    assertThatThrownBy(() ->
            cache(MUCH)
                .get(
                    "big",
                    content -> {
                      Files.writeString(content.resolve("file"), "half");
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(PreparationException.class)
        .hasMessageContainingAll("is full", "big", "--cache-dir");
    assertThat(entries()).isEmpty();
  }

  private static ContentCache.Maker bytes(int count) {
    return content -> {
      try (OutputStream out = Files.newOutputStream(content.resolve("file"))) {
        byte[] some = new byte[10_000];
        for (int written = 0; written < count; written += some.length) {
          out.write(some);
        }
      }
    };
  }

  private static int run(String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .onExit()
        .join()
        .exitValue();
  }

  @Test
  void folder_thatCannotBe_isNamed() throws Exception {
    Files.writeString(folder, "a file");
    assertThatThrownBy(() -> cache(MUCH).get("a", file("a")))
        .isInstanceOf(PreparationException.class)
        .hasMessageContainingAll(folder.toString(), "--cache-dir");
  }

  @Test
  void folder_thatIsRemovedByHand_isMadeAgain() throws Exception {
    ContentCache cache = cache(ONE);
    try (Prepared lost = cache.get("a", file("a"))) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
      assertThat(lost.path()).doesNotExist();
      try (Prepared again = cache.get("a", file("again"));
          OtherProcess other =
              OtherProcess.start(CacheProgram.class, folder.toString(), Long.toString(ONE))) {
        other.tell("get b");
        other.await("got ");
        assertThat(read(again)).as("in use by this process").isEqualTo("again");
      }
    }
    assertThat(cache.purge()).isPositive();
    assertThat(entries()).isEmpty();
  }

  @Test
  void purge_ofNothing_makesNothing() throws Exception {
    assertThat(cache(MUCH).purge()).isZero();
    assertThat(folder).doesNotExist();
  }

  @Test
  void purge_removesFoldersThatNobodyMayWriteTo() throws Exception {
    assumeTrue(scratch.getFileSystem().supportedFileAttributeViews().contains("posix"));
    ContentCache cache = cache(MUCH);
    cache
        .get(
            "a",
            content -> {
              Path inner = Files.createDirectories(content.resolve("inner"));
              Files.writeString(inner.resolve("file"), "a");
              Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("r-xr-xr-x"));
            })
        .close();
    assertThat(cache.purge()).isPositive();
    assertThat(entries()).isEmpty();
  }

  @Test
  void purge_doesNotFollowLinks() throws Exception {
    Path outside = Files.createDirectories(scratch.resolve("outside"));
    Files.writeString(outside.resolve("file"), "mine");
    ContentCache cache = cache(MUCH);
    cache.get("a", content -> Files.createSymbolicLink(content.resolve("link"), outside)).close();
    assertThat(cache.purge()).isPositive();
    assertThat(outside.resolve("file")).hasContent("mine");
  }

  @Test
  void update_getsWhatTheLastOneLeft_alsoIfThatFailed() throws Exception {
    ContentCache cache = cache(MUCH);
    List<String> seen = new ArrayList<>();
    ContentCache.Maker append =
        content -> {
          Path file = content.resolve("file");
          seen.add(Files.exists(file) ? Files.readString(file) : "");
          Files.writeString(file, seen.getLast() + "x");
        };
    assertThatThrownBy(() ->
            cache.update(
                "a",
                content -> {
                  append.make(content);
                  throw PreparationException.here("The first one failed.");
                }))
        .hasMessage("The first one failed.");
    assertThat(entries()).isEmpty();
    cache.update("a", append);
    assertThatThrownBy(() ->
            cache.update(
                "a",
                content -> {
                  append.make(content);
                  throw PreparationException.here("It failed.");
                }))
        .hasMessage("It failed.");
    cache.update("a", append);
    assertThat(seen).containsExactly("", "", "x", "xx");
  }

  @Test
  void update_thatGrows_countsForTheBound() throws Exception {
    ContentCache cache = cache(3 * ONE);
    cache.update("a", content -> Files.writeString(content.resolve("file"), "a"));
    cache.get("b", file("b")).close();
    cache.update("a", content -> Files.write(content.resolve("file"), new byte[20_000]));
    assertThat(entries()).as("a alone is near the bound").hasSize(1);
  }
}
