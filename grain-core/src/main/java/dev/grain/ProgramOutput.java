package dev.grain;

import dev.grain.OutputListener.Output;
import dev.grain.bytes.Bytes;
import dev.grain.head.Head;
import dev.grain.node.call.ThreadJobRunner;
import java.nio.charset.StandardCharsets;

/**
 * What jobs print, as the program shows it: on its console and to its listener. What the embedded
 * worker runs is printed there already.
 */
final class ProgramOutput implements AutoCloseable {
  private final RunOptions.Display display;
  private final ThreadJobRunner console;
  private final OutputFeed feed = new OutputFeed(RunLimits.outputWaiting(), this::show);

  /**
   * Makes one that has shown nothing.
   *
   * @param console prints on the streams of this process as they were
   */
  ProgramOutput(RunOptions.Display display, ThreadJobRunner console) {
    this.display = display;
    this.console = console;
  }

  /** A job has printed something on a worker; on the loop. */
  void printed(SubmittedJob<?> job, String worker, Bytes text, boolean error) {
    boolean unseen = display.echo() && !worker.equals(Head.EMBEDDED);
    if (unseen || display.listener() != null) {
      feed.add(new Output(new JobId(job.number()), job.name(), worker, text.utf8(), error));
    }
  }

  private void show(Output output) {
    if (display.echo() && !output.worker().equals(Head.EMBEDDED)) {
      byte[] text = output.text().getBytes(StandardCharsets.UTF_8);
      console.echo(output.job().number(), output.name(), text, output.error());
    }
    OutputListener listener = display.listener();
    if (listener != null) {
      listener.onOutput(output);
    }
  }

  /** Shows what is left, within bounds, and ends its thread. */
  @Override
  public void close() {
    feed.close();
  }
}
