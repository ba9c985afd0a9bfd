package dev.grain.node.call;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for {@link System#out} or {@link System#err}: looks up at each call whose stream it is,
 * so that each stream encodes text by a charset of its own. Safe for all threads.
 */
final class StandIn extends PrintStream {
  private final Supplier<PrintStream> current;

  /**
   * Makes one.
   *
   * @param current gives the stream for the calling thread
   */
  StandIn(Supplier<PrintStream> current) {
    super(OutputStream.nullOutputStream());
    this.current = current;
  }

  private PrintStream target() {
    return current.get();
  }

  @Override
  public Charset charset() {
    return target().charset();
  }

  @Override
  public void flush() {
    target().flush();
  }

  @Override
  public void close() {
    target().close();
  }

  @Override
  public boolean checkError() {
    return target().checkError();
  }

  @Override
  public void write(int value) {
    target().write(value);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    target().write(bytes, offset, length);
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    target().write(bytes);
  }

  @Override
  public void writeBytes(byte[] bytes) {
    target().writeBytes(bytes);
  }

  @Override
  public void println() {
    target().println();
  }

  @Override
  public void print(boolean value) {
    target().print(value);
  }

  @Override
  public void println(boolean value) {
    target().println(value);
  }

  @Override
  public void print(char value) {
    target().print(value);
  }

  @Override
  public void println(char value) {
    target().println(value);
  }

  @Override
  public void print(int value) {
    target().print(value);
  }

  @Override
  public void println(int value) {
    target().println(value);
  }

  @Override
  public void print(long value) {
    target().print(value);
  }

  @Override
  public void println(long value) {
    target().println(value);
  }

  @Override
  public void print(float value) {
    target().print(value);
  }

  @Override
  public void println(float value) {
    target().println(value);
  }

  @Override
  public void print(double value) {
    target().print(value);
  }

  @Override
  public void println(double value) {
    target().println(value);
  }

  @Override
  public void print(char[] value) {
    target().print(value);
  }

  @Override
  public void println(char[] value) {
    target().println(value);
  }

  @Override
  public void print(@Nullable String value) {
    target().print(value);
  }

  @Override
  public void println(@Nullable String value) {
    target().println(value);
  }

  @Override
  public void print(@Nullable Object value) {
    target().print(value);
  }

  @Override
  public void println(@Nullable Object value) {
    target().println(value);
  }
}
