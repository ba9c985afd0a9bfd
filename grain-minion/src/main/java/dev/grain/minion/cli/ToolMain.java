package dev.grain.minion.cli;

import java.util.Arrays;
import java.util.spi.ToolProvider;

/** Runs one of the commands; what the launcher starts if the program {@code grain} is not there. */
final class ToolMain {
  private ToolMain() {}

  /** Runs the command that the first word names, and ends the JVM with its exit code. */
  static void main(String[] arguments) {
    ToolProvider tool = ToolProvider.findFirst("grain-" + arguments[0]).orElseThrow();
    System.exit(
        tool.run(System.out, System.err, Arrays.copyOfRange(arguments, 1, arguments.length)));
  }
}
