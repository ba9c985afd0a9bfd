package dev.grain.code.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.BundleStore.Fetcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefetchTest {
  private static final long MEBIBYTE = 1 << 20;

  private final List<Bytes> asked = new ArrayList<>();

  private final Fetcher fetcher =
      new Fetcher() {
        @Override
        public Bytes fetch(Bytes hash) {
          throw new AssertionError("it only tells what is expected");
        }

        @Override
        public void expect(Bytes hash) {
          asked.add(hash);
        }
      };

  private static List<Listing.Entry> entries(long... sizes) {
    return IntStream.range(0, sizes.length)
        .mapToObj(i -> new Listing.Entry(Listing.Kind.JAR, i + ".jar", sizes[i], hash(i), "/" + i))
        .toList();
  }

  private static Bytes hash(int number) {
    return Bytes.of(new byte[] {(byte) number});
  }

  private Prefetch ahead(List<Listing.Entry> entries) {
    return new Prefetch(entries, _ -> true, fetcher);
  }

  @Test
  void onTurn_ofTheFirst_asksForAsManyAfterItAsMayBeOnTheirWay() {
    Prefetch ahead = ahead(entries(5 * MEBIBYTE, 4 * MEBIBYTE, 4 * MEBIBYTE, 1));
    ahead.onTurn(0);
    assertThat(asked).containsExactly(hash(1), hash(2));
  }

  @Test
  void onTurn_oneAfterAnother_asksForEachOnce() {
    Prefetch ahead = ahead(entries(MEBIBYTE, 6 * MEBIBYTE, 4 * MEBIBYTE, 4 * MEBIBYTE));
    ahead.onTurn(0);
    assertThat(asked).containsExactly(hash(1));
    ahead.onTurn(1);
    assertThat(asked).containsExactly(hash(1), hash(2), hash(3));
    ahead.onTurn(2);
    ahead.onTurn(3);
    assertThat(asked).containsExactly(hash(1), hash(2), hash(3));
  }

  @Test
  void onTurn_withOneLargerThanMayBeOnTheirWay_leavesItToItsTurn() {
    Prefetch ahead = ahead(entries(1, 9 * MEBIBYTE, 1));
    ahead.onTurn(0);
    assertThat(asked).isEmpty();
    ahead.onTurn(1);
    assertThat(asked).containsExactly(hash(2));
  }

  @Test
  void onTurn_withSomeThere_asksForTheOthers() {
    List<Listing.Entry> entries = entries(1, 1, 1, 1);
    new Prefetch(entries, entry -> !entry.hash().equals(hash(2)), fetcher).onTurn(0);
    assertThat(asked).containsExactly(hash(1), hash(3));
  }
}
