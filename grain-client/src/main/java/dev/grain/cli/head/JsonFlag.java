package dev.grain.cli.head;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The flag of commands whose output programs read. Picocli sets it once. */
final class JsonFlag {
  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print JSON: an object in one line for each thing.")
  boolean json;

  JsonFlag() {}
}
