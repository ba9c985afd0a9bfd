package dev.grain.examples;

import java.util.Comparator;

/**
 * A method and how large it is.
 *
 * @param owner the class, for example {@code java.util.HashMap$Node}
 * @param name for example {@code putVal}
 * @param parameters their types, for example {@code (int,Object)}
 * @param bytes the length of its bytecode
 * @param instructions how many instructions that is
 * @param loops the greatest number of loops that contain one and the same instruction
 */
record MethodSize(
    String owner, String name, String parameters, int bytes, int instructions, int loops) {
  private static final Comparator<MethodSize> BY_NAME =
      Comparator.comparing(MethodSize::owner)
          .thenComparing(MethodSize::name)
          .thenComparing(MethodSize::parameters);

  /** The longest first. No two methods are equal in it, so that every run gives the same list. */
  static final Comparator<MethodSize> LONGEST =
      Comparator.comparingInt(MethodSize::bytes).reversed().thenComparing(BY_NAME);

  /** The one with most loops inside each other first; of two with as many, the longer one. */
  static final Comparator<MethodSize> DEEPEST =
      Comparator.comparingInt(MethodSize::loops).reversed().thenComparing(LONGEST);
}
