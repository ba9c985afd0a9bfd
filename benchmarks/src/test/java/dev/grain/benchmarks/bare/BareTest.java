package dev.grain.benchmarks.bare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BareTest {
  private static final int INCREMENT = 0;
  private static final int REVERSE = 1;

  private static final List<Function<Object, Object>> FUNCTIONS =
      List.of(number -> (Integer) number + 1, bytes -> reversed((byte[]) bytes));

  @TempDir private Path folder;

  @Test
  void submit_manyJobsAtTwoWorkers_eachFutureHasItsOwnResult() throws Exception {
    try (BareWorker one = BareWorker.start(FUNCTIONS, null);
        BareWorker two = BareWorker.start(FUNCTIONS, null);
        Bare bare = new Bare(List.of(one.port(), two.port()), null)) {
      assertIncrements(bare, 20_000);
    }
  }

  @Test
  void submit_overTls_eachFutureHasItsOwnResult() throws Exception {
    Path key = folder.resolve("bare.key");
    BareTls.createKey(key);
    BareTls tls = BareTls.load(key);
    try (BareWorker worker = BareWorker.start(FUNCTIONS, tls);
        Bare bare = new Bare(List.of(worker.port()), tls)) {
      assertIncrements(bare, 2_000);
    }
  }

  @Test
  void submit_valuesOfAllSizes_comeBackWhole() throws Exception {
    try (BareWorker worker = BareWorker.start(FUNCTIONS, null);
        Bare bare = new Bare(List.of(worker.port()), null)) {
      for (int size : List.of(0, 1, 65_000, 65_536, 70_000, 3_000_000)) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
          bytes[i] = (byte) (i * 31);
        }
        assertThat((byte[]) bare.submit(REVERSE, bytes).get()).isEqualTo(reversed(bytes));
      }
    }
  }

  private static void assertIncrements(Bare bare, int jobs) throws Exception {
    List<Future<Object>> futures = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      futures.add(bare.submit(INCREMENT, i));
    }
    for (int i = 0; i < jobs; i++) {
      assertThat(futures.get(i).get()).isEqualTo(i + 1);
    }
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }
}
