package dev.grain.service.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a stream of the log of an attempt, as far as it is in the files by now. In place of bytes
 * that are not kept, it has a line that says so. Holds no file open between calls. For one thread.
 */
public final class LogReader {
  private final LogFolder folder;
  private final LogLimits limits;
  private final Selection selection;
  private final long start;
  private final long end;
  private final List<Gap> gaps;

  private SegmentName segment;
  // where in the segment the next record begins; 0 if the header is to be read
  private long at;
  // how many bytes of the stream are before that record
  private long before;
  // how many are before what is to be passed on next
  private long position;

  /** Whose output is read. */
  record Selection(long job, int attempt, LogStream stream) {}

  /**
   * Bytes of the stream that are not kept.
   *
   * @param from the first of them
   * @param to the first one behind them
   */
  public record Gap(long from, long to) {
    /** Returns what is read in their place. */
    private byte[] line() {
      return "[... %s bytes of output are not kept: a log keeps its start and its end ...]\n"
          .formatted(to - from)
          .getBytes(StandardCharsets.UTF_8);
    }

    /** Returns how many bytes are read in their place. */
    public int length() {
      return line().length;
    }
  }

  private LogReader(
      LogFolder folder, LogLimits limits, Selection selection, Extent extent, long start) {
    this.folder = folder;
    this.limits = limits;
    this.selection = selection;
    this.start = start;
    this.end = extent.end();
    this.gaps =
        extent.gaps().stream()
            .filter(gap -> gap.to() > start)
            .map(gap -> new Gap(Math.max(start, gap.from()), gap.to()))
            .toList();
    this.segment =
        extent.parts().stream()
            .filter(part -> part.begin() <= start)
            .reduce((_, later) -> later)
            .or(() -> extent.parts().stream().findFirst())
            .map(Part::name)
            .orElseGet(() -> new SegmentName(selection.job(), selection.attempt(), 0));
    this.position = start;
  }

  /** Reads from a byte on, or from the end if there are not so many. */
  static LogReader from(LogFolder folder, LogLimits limits, Selection selection, long offset)
      throws IOException {
    Extent extent = Extent.of(folder, selection);
    return new LogReader(folder, limits, selection, extent, Math.min(offset, extent.end()));
  }

  /** Reads the last bytes. */
  static LogReader ofEnd(LogFolder folder, LogLimits limits, Selection selection, long bytes)
      throws IOException {
    Extent extent = Extent.of(folder, selection);
    return new LogReader(folder, limits, selection, extent, Math.max(0, extent.end() - bytes));
  }

  /** A segment, and how much of the stream is before it. */
  private record Part(SegmentName name, long begin) {
    boolean follows(Part other) {
      return name.equals(other.name.next());
    }
  }

  /** What there is of a stream. */
  private record Extent(List<Part> parts, List<Gap> gaps, long end) {
    static Extent of(LogFolder folder, Selection selection) throws IOException {
      List<Part> parts = new ArrayList<>();
      for (SegmentName each : folder.of(selection.job(), selection.attempt())) {
        Segment.before(folder.path(each))
            .ifPresent(lengths -> parts.add(new Part(each, lengths.of(selection.stream()))));
      }
      List<Gap> gaps = new ArrayList<>();
      long end = 0;
      for (int i = 0; i < parts.size(); i++) {
        Part part = parts.get(i);
        boolean follows = i == 0 ? part.name().segment() == 0 : part.follows(parts.get(i - 1));
        if (!follows && part.begin() > end) {
          gaps.add(new Gap(end, part.begin()));
        }
        if (i == parts.size() - 1 || !parts.get(i + 1).follows(part)) {
          end =
              Segment.content(folder.path(part.name()))
                  .map(content -> content.after().of(selection.stream()))
                  .orElse(part.begin());
        }
      }
      return new Extent(parts, gaps, end);
    }
  }

  /** Returns how many bytes of the stream are before what is read. */
  public long start() {
    return start;
  }

  /** Returns how many bytes the stream had when the reader was made. */
  public long end() {
    return end;
  }

  /** Returns the bytes behind the start that were not kept when the reader was made. */
  public List<Gap> gaps() {
    return gaps;
  }

  // ---------------------------------------------------------------- reading

  /**
   * Passes on what there is by now and was not passed on before.
   *
   * @param until how many bytes of the stream are enough, such as {@link #end}
   * @return whether there was something
   */
  public boolean copyTo(OutputStream out, long until) throws IOException {
    boolean copied = false;
    while (position < until) {
      copied |= copySegment(out, until);
      Optional<SegmentName> next = position < until ? following() : Optional.empty();
      if (next.isEmpty()) {
        return copied;
      }
      // all of this one was written before the next one was begun
      copied |= copySegment(out, until);
      segment = next.get();
      at = 0;
    }
    return copied;
  }

  private Optional<SegmentName> following() throws IOException {
    SegmentName next = segment.next();
    if (Files.exists(folder.path(next))) {
      return Optional.of(next);
    }
    try {
      if (Files.size(folder.path(segment)) < limits.segment()) {
        return Optional.empty();
      }
    } catch (NoSuchFileException e) {
      // nothing was printed yet, or this part of the log is dropped just now
    }
    return folder.of(selection.job(), selection.attempt()).stream()
        .filter(each -> each.segment() > segment.segment())
        .findFirst();
  }

  private boolean copySegment(OutputStream out, long until) throws IOException {
    Path file = folder.path(segment);
    long former = position;
    if (at == 0) {
      Optional<Lengths> begin = Segment.before(file);
      if (begin.isEmpty()) {
        return false;
      }
      at = Segment.HEADER;
      before = begin.get().of(selection.stream());
      if (before > position) {
        out.write(new Gap(position, before).line());
        position = before;
      }
    }
    try {
      at = Segment.read(file, at, (printed, text) -> copyRecord(printed, text, out, until));
    } catch (NoSuchFileException e) {
      // the middle of the log is dropped just now
    }
    return position > former;
  }

  private boolean copyRecord(LogStream printed, ByteBuffer text, OutputStream out, long until)
      throws IOException {
    if (selection.stream().includes(printed)) {
      long after = before + text.remaining();
      if (after > position) {
        byte[] bytes = new byte[(int) (after - position)];
        text.get((int) (position - before), bytes);
        out.write(bytes);
        position = after;
      }
      before = after;
    }
    return position < until;
  }
}
