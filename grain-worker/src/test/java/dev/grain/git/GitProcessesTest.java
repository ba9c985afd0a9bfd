package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import dev.grain.worker.cache.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that share checkouts, of which some are killed. */
final class GitProcessesTest {
  @TempDir private Path scratch;
  private TestRepository repository;
  private Path cache;
  private GitCheckouts checkouts;

  @BeforeEach
  void make() throws IOException {
    repository = TestRepository.init(scratch.resolve("repository"));
    cache = scratch.resolve("cache");
    checkouts = new GitCheckouts(cache, 1L << 40);
  }

  private OtherProcess start(String commit, String... stop) throws IOException {
    String[] arguments =
        Stream.concat(Stream.of(cache.toString(), repository.url(), commit), Stream.of(stop))
            .toArray(String[]::new);
    return OtherProcess.start(CheckoutProgram.class, arguments);
  }

  private Prepared prepare(String commit) throws Exception {
    return checkouts.prepare(
        new GitSource(repository.url(), commit, ""), Logins.NONE, Progress.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fetching",
        "receiving objects",
        "resolving deltas",
        "updating references",
        "checking out"
      })
  void killedProcess_isFollowedByOneThatWaits(String phase) throws Exception {
    String first = repository.write("a", "1\n".repeat(1000)).write("b", "1").commit();
    String second = repository.write("a", "1\n".repeat(1000) + "2").write("c", "2").commit();
    for (String commit : new String[] {first, second}) {
      try (OtherProcess other = start(commit, phase);
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Prepared> waiting;
        if (isReached(other)) {
          waiting = threads.submit(() -> prepare(commit));
          assertThat(waiting.isDone()).isFalse();
          other.kill();
        } else {
          waiting = threads.submit(() -> prepare(commit));
        }
        try (Prepared prepared = waiting.get()) {
          assertThat(Files.readString(prepared.path().resolve("a")))
              .isEqualTo(
                  repository.git("show", commit + ":a") + (commit.equals(first) ? "\n" : ""));
        }
      }
    }
  }

  private static boolean isReached(OtherProcess other) throws IOException {
    String line = other.await("");
    while (!line.startsWith("stopped in") && !line.startsWith("ready")) {
      line = other.await("");
    }
    return line.startsWith("stopped in");
  }

  @Test
  void checkout_thatAnotherProcessUses_stays() throws Exception {
    String commit = repository.write("a", "1").commit();
    try (OtherProcess other = start(commit)) {
      Path path = Path.of(other.await("ready "));
      checkouts.purge();
      assertThat(path.resolve("a")).hasContent("1");
      other.kill();
      checkouts.purge();
      assertThat(path).doesNotExist();
    }
  }

  @Test
  void twoProcesses_makeOneCheckout() throws Exception {
    String commit = repository.write("a", "1").commit();
    try (OtherProcess one = start(commit);
        OtherProcess two = start(commit)) {
      assertThat(one.await("ready ")).isEqualTo(two.await("ready "));
    }
  }

  @Test
  void home_getsNoFiles() throws Exception {
    Path home = Files.createDirectories(scratch.resolve("home"));
    Files.writeString(home.resolve(".gitconfig"), "[core]\n\tautocrlf = true\n");
    String commit = repository.write("a", "1\n").commit();
    try (OtherProcess other =
        OtherProcess.start(
            home, CheckoutProgram.class, cache.toString(), repository.url(), commit)) {
      Path path = Path.of(other.await("ready "));
      assertThat(path.resolve("a")).content().isEqualTo("1\n");
    }
    try (Stream<Path> files = Files.walk(home)) {
      assertThat(files).containsExactlyInAnyOrder(home, home.resolve(".gitconfig"));
    }
  }
}
