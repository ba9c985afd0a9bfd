package dev.grain.examples;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What was measured in some classes. A job returns one for its package; they add up to one for all.
 *
 * @param classes how many class files
 * @param fileBytes their length
 * @param methods how many methods they declare, constructors and class initializers included
 * @param codeBytes the length of the bytecode of all methods
 * @param instructions how many instructions that is
 * @param lengths how many methods have bytecode of each length; abstract and native ones have none
 * @param depths how many methods have loops of each depth, see {@link LoopNesting}
 * @param versions how many classes are of each major version of the class file format
 * @param dynamicCalls how many {@code invokedynamic} instructions there are for each purpose
 * @param calls how many instructions call each method, its overloads taken together
 * @param longest the methods with the most bytecode
 * @param deepest the methods with the most deeply nested loops
 */
record Survey(
    int classes,
    long fileBytes,
    int methods,
    long codeBytes,
    long instructions,
    SortedMap<Integer, Integer> lengths,
    SortedMap<Integer, Integer> depths,
    SortedMap<Integer, Integer> versions,
    SortedMap<String, Integer> dynamicCalls,
    Map<MethodName, Integer> calls,
    List<MethodSize> longest,
    List<MethodSize> deepest) {

  /**
   * A method as a call names it, its overloads taken together.
   *
   * @param owner the class that the call names, which may inherit the method
   * @param name {@code <init>} for constructors
   */
  record MethodName(String owner, String name) {}

  /** A method and how many instructions call it. */
  record Called(MethodName method, int calls) {}

  /** Returns how many methods have bytecode. */
  int bodies() {
    return lengths.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Returns the methods that the most instructions call, the first one first. */
  List<Called> mostCalled(int count) {
    return calls.entrySet().stream()
        .map(entry -> new Called(entry.getKey(), entry.getValue()))
        .sorted(
            Comparator.comparingInt(Called::calls)
                .reversed()
                .thenComparing(called -> called.method().owner())
                .thenComparing(called -> called.method().name()))
        .limit(count)
        .toList();
  }

  /** Returns the length that half of the methods with bytecode do not exceed; 0 if none has any. */
  int medianLength() {
    int rest = (bodies() + 1) / 2;
    for (Map.Entry<Integer, Integer> entry : lengths.entrySet()) {
      rest -= entry.getValue();
      if (rest <= 0) {
        return entry.getKey();
      }
    }
    return 0;
  }

  /** Returns how few methods, taken from the longest on, hold half of the bytecode. */
  int methodsWithHalfTheCode() {
    long rest = (codeBytes + 1) / 2;
    int taken = 0;
    for (int length : lengths.keySet().stream().sorted(Comparator.reverseOrder()).toList()) {
      long all = (long) length * lengths.getOrDefault(length, 0);
      if (all >= rest) {
        return taken + Math.toIntExact((rest + length - 1) / length);
      }
      taken += lengths.getOrDefault(length, 0);
      rest -= all;
    }
    return taken;
  }
}
