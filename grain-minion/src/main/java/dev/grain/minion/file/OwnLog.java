package dev.grain.minion.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The log that a minion writes, until another one takes it. For one thread. */
final class OwnLog implements AutoCloseable {
  /**
   * Ends a line that was cut, because the disk was full: it would else be a line about something
   * else, such as another item.
   */
  private static final byte[] CUT = {'?', '\n'};

  /** How much longer receipts may be than the log; there are some for each item. */
  private static final int RECEIPTS_PER_CLAIMS = 64;

  private final Folder folder;
  private final String id;
  private final Lines receipts;
  private final Lines claims;
  // receipts that are not written yet
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private int last;
  // counts what was written
  private long writes;
  private long claimsLength;
  private long receiptsLength;

  /** A file of lines. For one thread. */
  private static final class Lines {
    private final Disk.Appender file;
    // whether perhaps only a part of the last line was written
    private boolean cut;

    Lines(Disk.Appender file) {
      this.file = file;
    }

    void append(byte[] line, boolean lasting) throws IOException {
      if (cut) {
        file.append(CUT, false);
      }
      cut = true;
      file.append(line, lasting);
      cut = false;
    }
  }

  private OwnLog(Folder folder, String id, Disk.Appender receipts, Disk.Appender claims) {
    this.folder = folder;
    this.id = id;
    this.receipts = new Lines(receipts);
    this.claims = new Lines(claims);
  }

  /**
   * Starts the log of a minion.
   *
   * @param id a name that no minion ever had
   */
  static OwnLog open(Folder folder, String id) throws IOException {
    // in this order: who has receipts, has a log
    Disk.Appender claims = folder.disk().append(folder.log(new Folder.Log(id, null)));
    try {
      return new OwnLog(folder, id, folder.disk().append(folder.receipts(id)), claims);
    } catch (IOException | RuntimeException e) {
      claims.close();
      throw e;
    }
  }

  String id() {
    return id;
  }

  /** Returns a number that was not used before. */
  int nextNumber() {
    return ++last;
  }

  /** Returns whether nobody has taken the log: else the minion has nothing any more. */
  boolean isMine() throws IOException {
    return folder.disk().size(folder.log(new Folder.Log(id, null))) >= 0;
  }

  /**
   * Writes a line that has to be there before, or after, what it is about.
   *
   * @return false if it was not written, because another minion has taken the log; then nothing may
   *     be done that has to be there
   */
  boolean write(String line, boolean lasting) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    claimsLength += bytes.length;
    return append(claims, bytes, lasting);
  }

  /**
   * Appends something. A log that another minion has taken may have been removed, and a file server
   * refuses to write to it; then false is returned.
   */
  private boolean append(Lines file, byte[] line, boolean lasting) throws IOException {
    writes++;
    try {
      file.append(line, lasting);
      return true;
    } catch (IOException e) {
      if (isMine()) {
        throw e;
      }
      return false;
    }
  }

  /** Returns whether it is so long that a new one is to be started. */
  boolean isLongerThan(long longest) {
    return claimsLength > longest || receiptsLength > RECEIPTS_PER_CLAIMS * longest;
  }

  /** The minion will write no more, except that what it has is over. */
  void leave(boolean lasting) throws IOException {
    var _ = write("e", lasting);
  }

  /** Notes something about an item, which is written with the next {@link #flush}. */
  void receipt(char what, int claim, int item) {
    byte[] line = new byte[24];
    int end = line.length;
    line[--end] = '\n';
    end = digits(line, end, item);
    line[--end] = ' ';
    end = digits(line, end, claim);
    line[--end] = ' ';
    line[--end] = (byte) what;
    collected.write(line, end, line.length - end);
  }

  /** Writes what was noted. */
  void flush() throws IOException {
    if (collected.size() > 0) {
      byte[] lines = collected.toByteArray();
      var _ = append(receipts, lines, false);
      receiptsLength += lines.length;
      collected.reset();
    }
  }

  private static int digits(byte[] line, int end, int number) {
    int left = number;
    int at = end;
    do {
      line[--at] = (byte) ('0' + left % 10);
      left /= 10;
    } while (left > 0);
    return at;
  }

  /** Shows the others that the minion lives. */
  void beat() throws IOException {
    byte[] bytes = {'b', '\n'};
    receiptsLength += bytes.length;
    var _ = append(receipts, bytes, false);
  }

  /** Returns a number that has grown if something was written, which shows the same. */
  long writes() {
    return writes;
  }

  @Override
  public void close() throws IOException {
    try {
      claims.file.close();
    } finally {
      receipts.file.close();
    }
  }
}
