package dev.grain.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * The line at the bottom of the terminal that is drawn again and again. What this process prints
 * meanwhile passes through here and appears above it, as if the line were not there.
 *
 * <p>It has one owner at a time, the first who shows something. Safe for all threads; its lock is
 * held while the terminal is written to, and no longer.
 */
public final class LiveLine {
  private static final String ERASE = "\r\u001b[2K";
  // without wrapping at the margin, so that a terminal that is narrower than thought keeps one line
  private static final String BEFORE = "\r\u001b[?7l";
  // the cursor stays at the start, so that what is printed behind our back is not appended to it
  private static final String AFTER = "\u001b[K\u001b[?7h\r";

  private final Terminal terminal;
  private final PrintStream device;
  private final Charset charset;

  // all guarded by this
  private @Nullable Object owner;
  private String text = "";
  private boolean atStart = true;

  LiveLine(Terminal terminal, PrintStream device) {
    this.terminal = terminal;
    this.device = device;
    this.charset = device.charset();
  }

  /** Returns the line on the terminal that the error stream goes to; null if there is none. */
  public static @Nullable LiveLine detect() {
    return Terminal.detect()
        .map(terminal ->
            new LiveLine(
                terminal,
                new PrintStream(
                    new FileOutputStream(FileDescriptor.err), false, Terminal.errorCharset())))
        .orElse(null);
  }

  /** Returns the terminal that it is on. */
  public Terminal terminal() {
    return terminal;
  }

  /**
   * Shows a text in the line, unless it is somebody else's or a line that was printed has not ended
   * yet.
   *
   * @param owner whose it is from now on, until it is hidden
   * @param text one line, as wide as the terminal at most
   */
  public synchronized void show(Object owner, String text) {
    if (this.owner != null && this.owner != owner) {
      return;
    }
    this.owner = owner;
    this.text = text;
    draw();
  }

  /** Takes the line away, if it is this owner's. */
  public synchronized void hide(Object owner) {
    if (this.owner == owner) {
      erase();
      this.owner = null;
      text = "";
    }
  }

  /** Prints on a stream that goes to the same terminal. */
  public synchronized void print(PrintStream stream, byte[] bytes, int offset, int length) {
    if (length == 0) {
      return;
    }
    erase();
    stream.write(bytes, offset, length);
    atStart = bytes[offset + length - 1] == '\n';
    if (!text.isEmpty()) {
      stream.flush();
      draw();
    }
  }

  private void draw() {
    if (atStart && !text.isEmpty()) {
      send(BEFORE + text + AFTER);
    }
  }

  private void erase() {
    if (atStart && !text.isEmpty()) {
      send(ERASE);
    }
  }

  private void send(String sequence) {
    byte[] bytes = sequence.getBytes(charset);
    device.write(bytes, 0, bytes.length);
    device.flush();
  }
}
