package dev.grain.journal;

import dev.grain.bytes.Bytes;
import dev.grain.journal.Scan.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contents of a journal, up to where it is whole. Not changed once it was read. */
final class Contents {
  /** How many lives that ended in good order keep an outcome that they do not use. */
  private static final int LIVES_KEPT = 2;

  // the last outcome of each job
  private final Map<Bytes, Kept> outcomes = new LinkedHashMap<>();
  // the ends of the lives that ended in good order
  private final List<Found> completed = new ArrayList<>();
  private final Map<String, String> workers = new HashMap<>();
  private long end = JournalFormat.HEADER;

  private Contents() {}

  /** The outcome of a job, as it is found in the file. */
  static final class Kept {
    final JournalEntry.Ended ended;
    final long position;
    final long length;
    // how many lives had ended in good order when it was written or used last; only changed while
    // reading
    private int age;

    private Kept(JournalEntry.Ended ended, long position, long length, int age) {
      this.ended = ended;
      this.position = position;
      this.length = length;
      this.age = age;
    }
  }

  /** Returns the contents of an empty journal. */
  static Contents none() {
    return new Contents();
  }

  /** Reads from the header to the first entry that is not whole. */
  static Contents read(Source source) throws IOException {
    Contents contents = new Contents();
    Scan scan = new Scan(source);
    for (Found found = scan.at(contents.end); found != null; found = scan.at(contents.end)) {
      contents.add(found);
    }
    return contents;
  }

  private void add(Found found) {
    end = found.end();
    switch (found.entry()) {
      case JournalEntry.Life _ -> {}
      case JournalEntry.Completed _ -> completed.add(found);
      case JournalEntry.Used used -> {
        Kept kept = outcomes.get(used.key());
        if (kept != null) {
          kept.age = completed.size();
        }
      }
      case JournalEntry.Ended ended -> {
        JournalEntry.Ended sharing =
            new JournalEntry.Ended(
                ended.key(),
                ended.kind(),
                ended.attempt(),
                ended.ran(),
                workers.computeIfAbsent(ended.worker(), name -> name),
                ended.value());
        outcomes.put(
            ended.key(), new Kept(sharing, found.position(), found.length(), completed.size()));
      }
    }
  }

  /** Returns where the first entry would be that is not whole. */
  long end() {
    return end;
  }

  int size() {
    return outcomes.size();
  }

  @Nullable Kept find(Bytes key) {
    return outcomes.get(key);
  }

  /** A stretch of a file. */
  record Stretch(long position, long length) {}

  /**
   * Returns what is worth keeping, so ordered that it means the same: what the last lives that
   * ended in good order have written or used, or those after them that did not.
   */
  List<Stretch> worthKeeping() {
    List<Stretch> kept = new ArrayList<>();
    for (int age = Math.max(0, completed.size() - LIVES_KEPT); age <= completed.size(); age++) {
      for (Kept each : outcomes.values()) {
        if (each.age == age) {
          kept.add(new Stretch(each.position, each.length));
        }
      }
      if (age < completed.size()) {
        Found end = completed.get(age);
        kept.add(new Stretch(end.position(), end.length()));
      }
    }
    return kept;
  }
}
