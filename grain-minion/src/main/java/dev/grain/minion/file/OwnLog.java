package dev.grain.minion.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The log that a minion writes, until another one takes it. For one thread. */
final class OwnLog implements AutoCloseable {
  private final Folder folder;
  private final String id;
  private final Disk.Appender receipts;
  private final Disk.Appender claims;
  private int last;
  // counts what was written
  private long writes;

  private OwnLog(Folder folder, String id, Disk.Appender receipts, Disk.Appender claims) {
    this.folder = folder;
    this.id = id;
    this.receipts = receipts;
    this.claims = claims;
  }

  /**
   * Starts the log of a minion.
   *
   * @param id a name that no minion ever had
   */
  static OwnLog open(Folder folder, String id) throws IOException {
    Disk.Appender receipts = folder.disk().append(folder.receipts(id));
    Disk.Appender claims = folder.disk().append(folder.log(new Folder.Log(id, null)));
    return new OwnLog(folder, id, receipts, claims);
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

  /** Writes a line that has to be there before, or after, what it is about. */
  void write(String line, boolean lasting) throws IOException {
    writes++;
    claims.append((line + "\n").getBytes(StandardCharsets.UTF_8), lasting);
  }

  /** Notes something about an item. */
  void receipt(char what, int claim, int item) throws IOException {
    writes++;
    byte[] line = new byte[24];
    int end = line.length;
    line[--end] = '\n';
    end = digits(line, end, item);
    line[--end] = ' ';
    end = digits(line, end, claim);
    line[--end] = ' ';
    line[--end] = (byte) what;
    byte[] bytes = new byte[line.length - end];
    System.arraycopy(line, end, bytes, 0, bytes.length);
    receipts.append(bytes, false);
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
    writes++;
    receipts.append(new byte[] {'b', '\n'}, false);
  }

  /** Returns a number that has grown if something was written, which shows the same. */
  long writes() {
    return writes;
  }

  @Override
  public void close() throws IOException {
    try {
      claims.close();
    } finally {
      receipts.close();
    }
  }
}
