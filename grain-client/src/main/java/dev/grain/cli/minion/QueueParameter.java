package dev.grain.cli.minion;

import picocli.CommandLine.Parameters;

/** What names a queue on the command line. Picocli sets it once. */
final class QueueParameter {
  @Parameters(
      paramLabel = "QUEUE",
      description = "The queue, such as sweeps, file:/shared/sweeps or redis://host/key.")
  String address;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  QueueParameter() {}
}
