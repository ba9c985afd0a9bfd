package dev.grain.node.call;

import dev.grain.code.Codec;
import dev.grain.message.CodeRef;
import dev.grain.node.prepare.Ready;

/** Gives the code of the jobs of one run. For all threads; does not block. */
@FunctionalInterface
public interface JobCode {
  /**
   * Returns what decodes the functions of jobs and encodes their results.
   *
   * @param code what they need of the program; it is ready
   * @param ready what else was made ready for them
   */
  Codec of(CodeRef code, Ready ready);
}
