package dev.grain.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index against a list that is searched from the beginning. */
final class FitIndexTest {
  private record Entry(List<Long> vector, long rank) {
    long[] array() {
      return vector.stream().mapToLong(Long::longValue).toArray();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void firstFit_anyChanges_findsWhatASearchOfAllFinds(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int dimensions = 1 + random.nextInt(4);
    FitIndex index = new FitIndex(dimensions);
    Map<Integer, Entry> model = new TreeMap<>();
    long nextRank = 0;
    for (int i = 0; i < 3_000; i++) {
      int leaf = random.nextInt(1 + i / 20);
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> {
          index.clear(leaf);
          model.remove(leaf);
        }
        case 4 -> {
          if (dimensions < 7) {
            index.widen(++dimensions);
            model.replaceAll((_, entry) -> new Entry(wider(entry.vector), entry.rank));
          }
        }
        case 5 -> {
          Entry known = model.get(leaf);
          if (known != null) {
            long rank = nextRank++;
            index.rerank(leaf, rank);
            model.put(leaf, new Entry(known.vector, rank));
          }
        }
        default -> {
          long rank = nextRank++ * (random.nextBoolean() ? 1 : -1);
          long[] vector = random.longs(dimensions, -10, 10).toArray();
          index.set(leaf, vector, rank);
          model.put(leaf, new Entry(Arrays.stream(vector).boxed().toList(), rank));
        }
      }
      long[] wanted = random.longs(dimensions, -10, 6).toArray();
      long after = random.nextBoolean() ? Long.MIN_VALUE : random.nextLong(-i - 1, i + 1);
      assertThat(index.firstFit(wanted, after)).isEqualTo(firstFit(model, wanted, after));
      int[] found = new int[1 + random.nextInt(8)];
      int fitting = index.firstFits(wanted, found);
      assertThat(Arrays.stream(found, 0, fitting).boxed())
          .containsExactlyElementsOf(firstFits(model, wanted, found.length));
      assertThat(index.first()).isEqualTo(firstFit(model, new long[0], Long.MIN_VALUE));
      assertThat(index.contains(leaf)).isEqualTo(model.containsKey(leaf));
    }
    model.forEach(
        (leaf, entry) -> assertThat(index.holds(leaf, entry.array(), entry.rank)).isTrue());
    index.checkInvariants();
  }

  private static List<Long> wider(List<Long> vector) {
    List<Long> wider = new ArrayList<>(vector);
    wider.add(0L);
    return wider;
  }

  private static int firstFit(Map<Integer, Entry> model, long[] wanted, long after) {
    return model.entrySet().stream()
        .filter(each -> each.getValue().rank > after && fits(each.getValue().array(), wanted))
        .min(Comparator.comparingLong(each -> each.getValue().rank))
        .map(Map.Entry::getKey)
        .orElse(-1);
  }

  private static List<Integer> firstFits(Map<Integer, Entry> model, long[] wanted, int most) {
    return model.entrySet().stream()
        .filter(each -> fits(each.getValue().array(), wanted))
        .map(Map.Entry::getKey)
        .limit(most)
        .toList();
  }

  private static boolean fits(long[] vector, long[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (vector[i] < wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
