package dev.grain.node.isolated;

import dev.grain.code.bundle.FilePlaces;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.Mark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The start of one JVM. It also says {@linkplain #of where the JVM has} the files that it has to
 * read, which it cannot change. To be used by one thread.
 */
public interface JvmLaunch extends FilePlaces {
  /** Returns the program that starts a JVM there. */
  String java();

  /** Returns where the JVM has the folder that it shares with the worker. */
  Path folder();

  /**
   * Returns the mark of the processes that are to end with the JVM; null if they end with it
   * anyway.
   */
  @Nullable Mark mark();

  /**
   * Starts it; to be called once, when everything is in its folder that it needs.
   *
   * @param words the program and its arguments
   * @param printed a file for what it prints, which is not in its folder
   * @throws PreparationException if that is not possible here; the sentence says why
   */
  RunningJvm start(List<String> words, Path printed) throws PreparationException, IOException;
}
