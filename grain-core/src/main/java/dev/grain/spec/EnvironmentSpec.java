package dev.grain.spec;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is installed for a job before it starts, as {@code dev.grain.Environment} describes it.
 * Immutable.
 *
 * @param kind what installs it
 * @param path the file that defines it, with {@code /} between folders: one of {@code files}, or,
 *     if there are none, a path in the folder of the code of the job
 * @param files the content of the files that define it, by their paths; empty if they are in the
 *     code of the job
 * @param inputs what a script reads besides, in the folder of the code
 * @param python the interpreter of Python; null for the usual one
 * @param timeLimit how long a worker may take to make it; null for the usual time
 */
public record EnvironmentSpec(
    Kind kind,
    String path,
    Map<String, String> files,
    List<String> inputs,
    @Nullable String python,
    @Nullable Duration timeLimit) {
  /** What installs an environment. */
  public enum Kind {
    /** A virtual environment of Python, by pip. */
    VENV,
    /** An environment of conda. */
    CONDA,
    /** A virtual environment of Python, by Poetry. */
    POETRY,
    /** The classes and jars of a project of Maven. */
    MAVEN,
    /** What a script installs. */
    SCRIPT
  }

  /** Copies the files and the list. */
  public EnvironmentSpec {
    files = Copies.of(files);
    inputs = List.copyOf(inputs);
  }

  /** Returns the environment that a file in the folder of the code defines. */
  public static EnvironmentSpec of(Kind kind, String path) {
    return new EnvironmentSpec(kind, path, Map.of(), List.of(), null, null);
  }
}
