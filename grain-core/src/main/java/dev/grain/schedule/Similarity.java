package dev.grain.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Puts classes in an order in which those that ask for similar things are near each other, so that
 * whole subtrees of an index fit or do not.
 *
 * <p>Implementation note: those that want the same of all kinds but cores and memory are together;
 * among them the order is that of a Z-curve over how many want fewer cores and less memory.
 */
final class Similarity {
  private static final int BITS = 31;

  private Similarity() {}

  /** A class with its place on the curve. */
  private record Placed(RequestClass requestClass, long place) {}

  /** Returns the classes in that order. */
  static List<RequestClass> arrange(Collection<RequestClass> classes) {
    long[] cores = sorted(classes, Similarity::cores);
    long[] memories = sorted(classes, Similarity::memory);
    List<Placed> placed = new ArrayList<>(classes.size());
    for (RequestClass each : classes) {
      int x = Arrays.binarySearch(cores, cores(each));
      int y = Arrays.binarySearch(memories, memory(each));
      placed.add(new Placed(each, interleaved(x, y)));
    }
    placed.sort(
        Comparator.comparing((Placed each) -> each.requestClass().wanted, Similarity::compareOthers)
            .thenComparingLong(Placed::place));
    return placed.stream().map(Placed::requestClass).toList();
  }

  private static long cores(RequestClass requestClass) {
    return requestClass.wanted[KindDimensions.CPU];
  }

  private static long memory(RequestClass requestClass) {
    return requestClass.wanted[KindDimensions.MEMORY];
  }

  private static long[] sorted(Collection<RequestClass> classes, ToLongFunction<RequestClass> of) {
    return classes.stream().mapToLong(of).sorted().distinct().toArray();
  }

  /** Compares what is wanted of everything but cores and memory. */
  private static int compareOthers(long[] one, long[] other) {
    int order =
        Arrays.compare(
            one,
            KindDimensions.MEMORY + 1,
            one.length,
            other,
            KindDimensions.MEMORY + 1,
            one.length);
    return order != 0
        ? order
        : Arrays.compare(one, 0, KindDimensions.TIME + 1, other, 0, KindDimensions.TIME + 1);
  }

  private static long interleaved(long x, long y) {
    long place = 0;
    for (int bit = 0; bit < BITS; bit++) {
      place |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1);
    }
    return place;
  }
}
