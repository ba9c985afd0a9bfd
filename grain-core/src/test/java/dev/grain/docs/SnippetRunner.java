package dev.grain.docs;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A program that runs the mains of other classes one after the other, and writes what each prints
 * into files: {@code NAME.out}, with the exception at its end if one is thrown, and {@code
 * NAME.err}.
 */
final class SnippetRunner {
  private SnippetRunner() {}

  /**
   * Runs them.
   *
   * @param arguments the folder for the files, then the names of the classes
   */
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    Path folder = Path.of(arguments[0]);
    PrintStream out = System.out;
    PrintStream error = System.err;
    for (int i = 1; i < arguments.length; i++) {
      Method main = Class.forName(arguments[i]).getDeclaredMethod("main");
      try (PrintStream snippetOut = open(folder.resolve(arguments[i] + ".out"));
          PrintStream snippetError = open(folder.resolve(arguments[i] + ".err"))) {
        System.setOut(snippetOut);
        System.setErr(snippetError);
        try {
          main.invoke(null);
        } catch (InvocationTargetException e) {
          snippetOut.println(e.getCause());
        }
      } finally {
        System.setOut(out);
        System.setErr(error);
      }
    }
  }

  private static PrintStream open(Path file) throws IOException {
    return new PrintStream(Files.newOutputStream(file), true, StandardCharsets.UTF_8);
  }
}
