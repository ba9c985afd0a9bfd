package dev.grain.cli.run;

import dev.grain.terminal.Terminal;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The standard streams of the command. Its methods are for one thread at a time, but for the
 * messages.
 */
final class Console {
  private final InputStream in;
  private final Supplier<OutputStream> out;
  private final Supplier<PrintStream> err;

  private Console(InputStream in, Supplier<OutputStream> out, Supplier<PrintStream> err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /**
   * Returns the console of this process. What goes to a terminal passes the progress line, which
   * the library puts in the place of the streams of {@code System}; what goes elsewhere is written
   * without {@code PrintStream}, which would hide that nobody reads it any more.
   */
  static Console ofProcess() {
    OutputStream file = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    boolean terminal = Terminal.isTerminal(Terminal.OUT);
    return new Console(System.in, () -> terminal ? System.out : file, () -> System.err);
  }

  /** Returns a console of these streams. */
  static Console of(InputStream in, PrintStream out, PrintStream err) {
    return new Console(in, () -> out, () -> err);
  }

  InputStream in() {
    return in;
  }

  /** Writes to standard output, until it is flushed. */
  void write(byte[] bytes, int length) throws IOException {
    out.get().write(bytes, 0, length);
  }

  void print(String text) throws IOException {
    out.get().write(text.getBytes(StandardCharsets.UTF_8));
  }

  void flush() throws IOException {
    out.get().flush();
  }

  /** Writes to the error stream. */
  void writeError(byte[] bytes, int length) {
    PrintStream stream = err.get();
    stream.write(bytes, 0, length);
    stream.flush();
  }

  /** Prints a message for people; for all threads. */
  void say(String message) {
    PrintStream stream = err.get();
    stream.println("grain run: " + message);
    stream.flush();
  }

  /** Prints a line for people, as it is. */
  void line(String line) {
    err.get().println(line);
  }
}
