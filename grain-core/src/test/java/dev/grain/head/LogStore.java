package dev.grain.head;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.StoredJob;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store of detached jobs in one file: a line for each change, forced by a thread of its own, many
 * at a time. Jobs ask for a core, never fail, and return a text.
 */
final class LogStore implements DetachedStore, AutoCloseable {
  private final FileChannel file;
  private final SequencedMap<Long, StoredJob> unended = new LinkedHashMap<>();
  private final BlockingQueue<Write> writes = new LinkedBlockingQueue<>();
  private final Consumer<String> onKept;
  private final Thread writer;

  /** A line, and what is to be done when it is kept. An empty one ends the writer. */
  private record Write(String line, Runnable kept) {}

  private LogStore(Path path, Consumer<String> onKept) throws IOException {
    this.onKept = onKept;
    this.file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    this.writer = Thread.ofPlatform().name("store").unstarted(this::write);
  }

  /**
   * Opens the store. The last line, if it is not complete, was not kept.
   *
   * @param onKept receives each line that is kept
   */
  static LogStore open(Path path, Consumer<String> onKept) throws IOException {
    String text = Files.readString(path);
    String complete = text.substring(0, text.lastIndexOf('\n') + 1);
    if (!complete.equals(text)) {
      Files.writeString(path, complete);
    }
    LogStore store = new LogStore(path, onKept);
    complete.lines().forEach(store::read);
    store.writer.start();
    return store;
  }

  /** Writes jobs from 1 to the number into a new file. */
  static void create(Path path, int jobs) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int number = 1; number <= jobs; number++) {
      text.append("job ").append(number).append('\n');
    }
    Files.writeString(path, text);
  }

  /** Returns a job that has had no attempt. */
  static StoredJob job(long number) {
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Call(Bytes.empty(), false),
            Order.Setting.OWN);
    return new StoredJob(
        number, new JobTemplate(spec, Retries.NONE), Bytes.utf8("input of " + number));
  }

  private void read(String line) {
    String[] words = line.split(" ", -1);
    long number = Long.parseLong(words[1]);
    switch (words[0]) {
      case "job" -> unended.put(number, job(number));
      case "send" ->
          change(
              number, Integer.parseInt(words[2]), new StoredJob.Holder(words[3], words[4], false));
      case "attempt" -> change(number, Integer.parseInt(words[2]), null);
      case "end" -> unended.remove(number);
      default -> throw new IllegalStateException(line);
    }
  }

  private void change(long number, int attempt, StoredJob.@Nullable Holder holder) {
    StoredJob job = unended.get(number);
    if (job == null) {
      throw new IllegalStateException("job " + number + " has ended, and goes on");
    }
    unended.put(
        number,
        new StoredJob(
            number,
            job.template(),
            job.priority(),
            job.line(),
            job.input(),
            attempt,
            holder,
            job.attempts(),
            job.losses(),
            false,
            false));
  }

  /** Returns the jobs that had not ended when the store was opened. */
  List<StoredJob> unended() {
    return List.copyOf(unended.values());
  }

  private void write() {
    try {
      List<Write> batch = new ArrayList<>();
      while (batch.stream().noneMatch(each -> each.line.isEmpty())) {
        batch.clear();
        batch.add(writes.take());
        writes.drainTo(batch);
        StringBuilder text = new StringBuilder();
        batch.stream()
            .filter(each -> !each.line.isEmpty())
            .forEach(each -> text.append(each.line).append('\n'));
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(false);
        for (Write each : batch) {
          each.kept.run();
          onKept.accept(each.line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void add(Runnable kept, Object... words) {
    writes.add(
        new Write(String.join(" ", List.of(words).stream().map(String::valueOf).toList()), kept));
  }

  @Override
  public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
    add(kept, "send", job, attempt, holder.worker(), holder.incarnation());
  }

  @Override
  public void onAttempt(long job, Attempt ended, int losses, Runnable kept) {
    add(kept, "attempt", job, ended.number());
  }

  @Override
  public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
    String how =
        end instanceof JobEnd.Returned returned ? returned.value().utf8() : String.valueOf(end);
    add(kept, "end", job, attempt, how);
  }

  @Override
  public void onState(long job, State state, int attempt, @Nullable String worker) {}

  @Override
  public void onOutput(long job, int attempt, String worker, Bytes text, boolean error) {}

  @Override
  public void close() throws IOException {
    add(() -> {}, "");
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
  }
}
