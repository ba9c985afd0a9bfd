package dev.grain.jfr;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;

/** A program that runs one job and prints its value. */
final class OneJobProgram {
  private OneJobProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) {
    try (var grain = GrainExecutor.open()) {
      int square = grain.exec(cpu(1), n -> n * n, 12);
      System.out.println(square);
    }
  }
}
