package dev.grain.benchmarks;

/** What one benchmark finds out, by measuring Grain beside its yardsticks. */
interface Question {
  /** Returns what it is called on the command line, one word in lower case. */
  String name();

  /** Returns the question as a sentence. */
  String asks();

  /**
   * Measures, and reports as it goes.
   *
   * @throws Exception if something could not be measured
   */
  void answer(Settings settings, Report report) throws Exception;
}
