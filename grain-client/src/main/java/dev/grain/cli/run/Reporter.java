package dev.grain.cli.run;

import dev.grain.cli.Table;
import dev.grain.cli.run.Ending.Kind;
import dev.grain.concurrent.Uninterruptibly;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Shows what jobs print and how they end, on a thread of its own, which may be kept waiting by a
 * slow reader: then no further jobs start.
 */
final class Reporter {
  /** How often what running jobs print is looked for. */
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

  /** How many failures are reported one by one. */
  private static final int FAILURES_TOLD = 20;

  private final Plan.Display display;
  private final Console console;
  private final Records records;
  private final Summary summary = new Summary();
  private final BlockingQueue<Task> ended = new LinkedBlockingQueue<>();
  // set by the submitter
  private volatile long expected = Long.MAX_VALUE;

  // all only accessed by the thread of the reporter, until it has ended
  private final Map<Long, Task> later = new HashMap<>();
  private final Set<String> reasons = new HashSet<>();
  private long reported;
  private long next = 1;
  private long told;
  private long alike;
  private boolean unread;

  Reporter(Plan plan, Console console, Records records) {
    this.display = plan.display();
    this.console = console;
    this.records = records;
  }

  /** A job has ended; for all threads. */
  void add(Task task) {
    ended.add(task);
  }

  /** Starts to report the jobs of a run. */
  Thread start(JobRun run) {
    return Thread.ofPlatform().daemon().name("grain-run-report").start(() -> run(run));
  }

  /** Waits until all jobs are reported. */
  void await(Thread thread, long begun) {
    expected = begun;
    Uninterruptibly.await(thread::join);
  }

  private void run(JobRun run) {
    long looked = System.nanoTime();
    while (reported < expected) {
      Task task = poll(looked + INTERVAL - System.nanoTime());
      try {
        if (task != null) {
          onEnded(task, run);
        }
        if (System.nanoTime() - looked >= INTERVAL) {
          follow(run);
          looked = System.nanoTime();
        }
        if (ended.isEmpty()) {
          flush(run);
        }
      } catch (IOException e) {
        run.fail("The output of jobs cannot be read: " + e.getMessage());
      }
    }
    flush(run);
  }

  private void flush(JobRun run) {
    try {
      if (!unread) {
        console.flush();
      }
    } catch (IOException e) {
      onUnread(run);
    }
    try {
      records.flush();
    } catch (IOException e) {
      run.fail("The log of jobs cannot be written: " + e.getMessage());
    }
  }

  private @Nullable Task poll(long nanos) {
    try {
      return ended.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return null; // nobody does
    }
  }

  // ---------------------------------------------------------------- jobs that run

  private void follow(JobRun run) throws IOException {
    if (!printsLines() || display.retried()) {
      return;
    }
    if (display.order() == Plan.Order.BY_NUMBER) {
      Task task = run.task(next);
      if (task != null) {
        print(task, false, run);
      }
    } else if (display.order() == Plan.Order.LINES) {
      for (Task task : run.tasks()) {
        if (JobRun.isRunning(task)) {
          print(task, false, run);
        }
      }
    }
  }

  private boolean printsLines() {
    return !display.json() && display.output() == null;
  }

  private void print(Task task, boolean last, JobRun run) throws IOException {
    byte[] tag =
        display.tagged()
            ? (task.input().text() + "\t").getBytes(StandardCharsets.UTF_8)
            : new byte[0];
    task.err().advance(tagging(tag, console::writeError), last);
    task.out().advance(tagging(tag, (bytes, length) -> write(bytes, length, run)), last);
  }

  private void write(byte[] bytes, int length, JobRun run) {
    if (!unread) {
      try {
        console.write(bytes, length);
      } catch (IOException e) {
        onUnread(run);
      }
    }
  }

  /** Nobody reads standard output any more, such as {@code head} after its lines. */
  private void onUnread(JobRun run) {
    unread = true;
    run.stop(Halt.When.NOW);
  }

  private static OutputFile.Lines tagging(byte[] tag, OutputFile.Lines lines) {
    return tag.length == 0 ? lines : new Tagging(tag, lines);
  }

  /** Puts a tag in front of each line. */
  private static final class Tagging implements OutputFile.Lines {
    private final byte[] tag;
    private final OutputFile.Lines lines;
    private boolean atStart = true;

    Tagging(byte[] tag, OutputFile.Lines lines) {
      this.tag = tag;
      this.lines = lines;
    }

    @Override
    public void write(byte[] bytes, int length) throws IOException {
      ByteArrayOutputStream tagged = new ByteArrayOutputStream(length + tag.length);
      for (int i = 0; i < length; i++) {
        if (atStart) {
          tagged.writeBytes(tag);
        }
        tagged.write(bytes[i]);
        atStart = bytes[i] == '\n';
      }
      lines.write(tagged.toByteArray(), tagged.size());
    }
  }

  // ---------------------------------------------------------------- jobs that have ended

  private void onEnded(Task task, JobRun run) throws IOException {
    if (display.order() != Plan.Order.BY_NUMBER) {
      report(task, run);
      return;
    }
    later.put(task.input().number(), task);
    for (Task due = later.remove(next); due != null; due = later.remove(next)) {
      report(due, run);
    }
  }

  private void report(Task task, JobRun run) throws IOException {
    reported++;
    next++;
    Ending ending = task.ending();
    try {
      if (printsLines()) {
        print(task, true, run);
      }
      if (display.json() && ending.kind() != Kind.CANCELLED) {
        String line = records.json(task);
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length, run);
      }
      records.add(task);
      if (display.output() == null) {
        Files.deleteIfExists(task.out().path());
        Files.deleteIfExists(task.err().path());
      }
    } finally {
      summary.add(task);
      tell(task.input(), ending);
      run.forget(task);
    }
  }

  private void tell(Input input, Ending ending) {
    if (!ending.kind().isFailure()) {
      return;
    }
    if (ending.kind() == Kind.NOT_STARTED && !reasons.add(ending.reason())) {
      alike++;
    } else if (told++ < FAILURES_TOLD) {
      console.say(
          "job %s%s %s"
              .formatted(
                  input.number(),
                  input.text().isEmpty() ? "" : " (" + Table.oneLine(input.text()) + ")",
                  ending.reason()));
    } else if (told == FAILURES_TOLD + 1) {
      console.say("further failures are listed only in the table, the log and the JSON");
    }
  }

  // ---------------------------------------------------------------- for when it has ended

  Summary summary() {
    return summary;
  }

  /** Returns whether standard output was closed by whoever read it. */
  boolean isUnread() {
    return unread;
  }

  /** Returns how many jobs were not started for a reason that was reported before. */
  long alike() {
    return alike;
  }
}
