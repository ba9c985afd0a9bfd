package dev.grain.cli.head;

import java.util.List;
import picocli.CommandLine.Parameters;

/** The jobs that a command line names. Picocli sets it once. */
final class Ids {
  static final String DESCRIPTION =
      "Ids of jobs. The last three or more characters do: abc means the latest job whose id ends with abc.";

  @Parameters(arity = "1..*", paramLabel = "ID", description = DESCRIPTION)
  List<String> all = List.of();

  Ids() {}
}
