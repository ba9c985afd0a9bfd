package dev.grain.journal;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.Job;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program with a journal that prints to its standard output, line by line, which jobs run and
 * which outcomes it gets. It may be killed at any moment and started again.
 */
final class KilledProgram {
  /** How many groups it has, each in a subtask of its own. */
  static final int GROUPS = 4;

  /** How many jobs each of them has. */
  static final int JOBS = 60;

  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private KilledProgram() {}

  /**
   * Runs it.
   *
   * @param arguments the journal, and how many bytes each job returns
   */
  public static void main(String[] arguments) {
    int size = Integer.parseInt(arguments[1]);
    Grain.runCombine(
        () -> {
          say("open");
          try (var subtasks = Grain.openWaitGroup()) {
            for (int group = 0; group < GROUPS; group++) {
              int first = group * JOBS;
              subtasks.start(() -> runGroup(first, size));
            }
          }
        },
        RunOptions.defaults().journal(Path.of(arguments[0])).local(cpu(4)).progress(false));
    say("done");
  }

  private static Void runGroup(int first, int size) {
    try (WaitGroup group = Grain.openWaitGroup()) {
      for (int job = first; job < first + JOBS; job++) {
        group.submit(cpu(1), KilledProgram::work, job, size);
      }
      for (Job<?> ended : group.completed()) {
        say("got " + ((String) ended.result()).strip());
      }
    }
    return null;
  }

  static String work(int job, int size) {
    say("ran " + job);
    return ("job " + job + " ").concat(".".repeat(size));
  }

  /** Writes a line at once; what was written stays readable whatever becomes of this process. */
  private static void say(String line) {
    try {
      OUT.write((line.replaceAll("\\.+", "").strip() + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
