package dev.grain.service.store;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is known of the processes of an attempt that has ended.
 *
 * @param exitCode empty if it was no process, or was ended by a signal
 * @param signal the number of the signal that ended it
 * @param peakMemory in bytes
 */
public record Usage(OptionalInt exitCode, OptionalInt signal, OptionalLong peakMemory) {
  /** Of what nothing is known. */
  public static final Usage UNKNOWN =
      new Usage(OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty());
}
