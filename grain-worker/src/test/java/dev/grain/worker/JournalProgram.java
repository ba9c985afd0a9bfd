package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A program with a journal whose jobs run on workers and each leave a file there. It may be killed
 * at any moment and started again.
 */
final class JournalProgram {
  static final int JOBS = 60;

  /** The job that waits at the gate, if there is one. */
  static final int STUCK = 7;

  private JournalProgram() {}

  /**
   * What a job needs to know of the life that it is run in; it is none of what the job is known by.
   *
   * @param gate where one job waits, 0 if none does
   * @param runs the folder where jobs leave files, {@code LIFE-JOB}
   */
  private record Life(int number, int gate, String runs) {}

  /**
   * Runs it; prints which outcomes it gets, line by line, and in the end that it is done.
   *
   * @param arguments the number of the life, a gate, the folder for runs, the journal, the key, and
   *     the workers
   */
  static void main(String[] arguments) {
    Life life =
        new Life(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), arguments[2]);
    RunOptions options =
        RunOptions.defaults()
            .journal(Path.of(arguments[3]))
            .key(Path.of(arguments[4]))
            .workers(List.of(arguments).subList(5, arguments.length))
            .progress(false);
    Grain.runCombine(() -> runAll(life), options);
    System.out.println("done");
  }

  private static void runAll(Life life) {
    try (WaitGroup group = Grain.openWaitGroup()) {
      for (int job = 0; job < JOBS; job++) {
        group.submit(JobOptions.of(cpu(1)).key("work", job), JournalProgram::work, job, life);
      }
      for (Job<?> ended : group.completed()) {
        System.out.println("got " + ended.result());
      }
    }
  }

  /** Fails if it has run in this life before. */
  private static int work(int job, Life life) throws IOException {
    Files.createFile(Path.of(life.runs, life.number + "-" + job));
    if (life.gate > 0 && job == STUCK) {
      Gate.enter(life.gate, "life " + life.number);
    }
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(job % 5));
    return job;
  }
}
