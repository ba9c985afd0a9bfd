package dev.grain.cli.run;

import dev.grain.CommandResult;
import dev.grain.Job;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One job, from its input to its end. */
final class Task {
  /** How much of what was received is compared with what the job has printed, in characters. */
  private static final int COMPARED = 200;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

  private final Input input;
  private final OutputFile out;
  private final OutputFile err;
  // set once by the thread that submits, read by all
  private volatile @Nullable Job<CommandResult> job;
  // set once, by the thread that learns of the end, before it hands the task over
  private @Nullable Ending ending;
  // guarded by this: the end of what a worker has sent
  private String received = "";
  // guarded by this: whether the files are of this run, and not of one before
  private boolean hasOut;
  private boolean hasErr;

  Task(Input input, Path out, Path err) {
    this.input = input;
    this.out = new OutputFile(out);
    this.err = new OutputFile(err);
  }

  Input input() {
    return input;
  }

  OutputFile out() {
    return out;
  }

  OutputFile err() {
    return err;
  }

  void submitted(Job<CommandResult> job) {
    this.job = job;
  }

  @Nullable Job<CommandResult> job() {
    return job;
  }

  void end(Ending ending) {
    this.ending = ending;
  }

  Ending ending() {
    Ending known = ending;
    if (known == null) {
      throw new IllegalStateException("Job " + input.number() + " has not ended");
    }
    return known;
  }

  /** Appends what a worker has sent to a file; for all threads. */
  synchronized void receive(String text, boolean error) throws IOException {
    write(text, error);
    received = tail(received + text);
    notifyAll();
  }

  /** Makes the files of what a worker has sent nothing of, in place of those of an earlier run. */
  synchronized void receiveAll() throws IOException {
    if (!hasOut) {
      write("", false);
    }
    if (!hasErr) {
      write("", true);
    }
  }

  private void write(String text, boolean error) throws IOException {
    boolean append = error ? hasErr : hasOut;
    hasErr |= error;
    hasOut |= !error;
    try (OutputStream file = new FileOutputStream((error ? err : out).path().toFile(), append)) {
      file.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Waits until that has been received, which was printed before the job ended but comes another
   * way. What the connection had to drop never comes, so this does not wait long.
   */
  synchronized void awaitReceived(String printed) throws InterruptedException {
    String end = tail(printed);
    long deadline = System.nanoTime() + PATIENCE;
    for (long left = PATIENCE; left > 0 && !received.endsWith(end); ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - COMPARED));
  }
}
