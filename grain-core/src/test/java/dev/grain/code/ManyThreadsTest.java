package dev.grain.code;

import static dev.grain.code.Coding.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.function.Fn1;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One encoder, many threads. */
class ManyThreadsTest {
  record Item(String name, List<Integer> numbers) {}

  private static Fn1<Item, Map<String, Item>> wrapping(String key) {
    return item -> Map.of(key, item);
  }

  @Test
  void callsAndValues_ofManyThreadsAtOnce_areNotMixed() throws Exception {
    Codec code = new Codec(ManyThreadsTest.class.getClassLoader());
    int threads = 16;
    CountDownLatch ready = new CountDownLatch(threads);
    List<Future<Void>> all = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int t = 0; t < threads; t++) {
        int thread = t;
        all.add(
            executor.submit(() -> {
              ready.countDown();
              ready.await();
              for (int i = 0; i < 500; i++) {
                Item item = new Item("t" + thread + "/" + i, List.of(thread, i));
                Codec.EncodedCall call =
                    code.encode(wrapping(item.name()), new Object[] {item}, LIMIT);
                Object value = code.decode(call.function(), call.arguments()).run();
                Object result = code.decodeValue(code.encodeValue(value, LIMIT));
                assertThat(result).isEqualTo(Map.of(item.name(), item));
              }
              return null;
            }));
      }
    }
    for (Future<Void> each : all) {
      each.get();
    }
  }
}
