package dev.grain.code;

import dev.grain.code.bundle.CodeLoader;
import dev.grain.code.bundle.ProgramLoader;
import java.nio.file.Path;
import java.util.List;

/**
 * Code that was made ready for jobs, together with the code of the program or without it. It has
 * classes of its own, and so static fields of its own, until it is closed. For all threads.
 *
 * <p>The jars of a class path have names that end with {@code .jar}; everything else in it is taken
 * for a folder.
 */
public final class JoinedCode implements AutoCloseable {
  private final CodeLoader loader;
  private final Codec codec;

  JoinedCode(CodeLoader loader) {
    this.loader = loader;
    this.codec = new Codec(loader);
  }

  /**
   * Returns the code of the program in whose process this is, and a class path after it.
   *
   * @param own has the classes of the program
   */
  public static JoinedCode ofProgram(Codec own, List<Path> classPath) {
    return new JoinedCode(new ProgramLoader(own::find, own.loader(), classPath));
  }

  /**
   * Returns the code of a class path, before that of this process.
   *
   * @param own has the classes of this process
   */
  public static JoinedCode ofClassPath(Codec own, List<Path> classPath) {
    return new JoinedCode(new CodeLoader(classPath, own.loader()));
  }

  /** Returns what encodes and decodes with these classes. */
  public Codec code() {
    return codec;
  }

  /** Closes the loader: classes that were not loaded before are not found any more. */
  @Override
  public void close() {
    loader.end();
  }
}
