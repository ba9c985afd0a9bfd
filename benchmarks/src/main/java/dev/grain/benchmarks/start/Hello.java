package dev.grain.benchmarks.start;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.RunOptions;

/** The first program that somebody writes with Grain: one job, on the worker if one is named. */
final class Hello {
  private Hello() {}

  static void main(String[] arguments) {
    RunOptions options = RunOptions.defaults();
    Grain.runCombine(
        () -> System.out.println(Grain.exec(cpu(1), Hello::greet, "world")),
        arguments.length == 0 ? options : options.workers(arguments[0]));
  }

  private static String greet(String whom) {
    return "hello " + whom;
  }
}
