package dev.grain.cli.head;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/** Standard output, of which it is found out that nobody reads it any more. For one thread. */
final class Copied extends OutputStream {
  private final PrintStream out;

  /** The reader has gone. */
  static final class NobodyReadsException extends IOException {
    private static final long serialVersionUID = 1;

    NobodyReadsException() {
      super("Nobody reads standard output any more.");
    }
  }

  Copied(PrintStream out) {
    this.out = out;
  }

  @Override
  public void write(int value) {
    out.write(value);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    out.write(bytes, offset, length);
  }

  @Override
  public void flush() throws NobodyReadsException {
    if (out.checkError()) {
      throw new NobodyReadsException();
    }
  }
}
