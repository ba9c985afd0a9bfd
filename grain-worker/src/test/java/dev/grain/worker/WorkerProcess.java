package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker in a process of its own. */
final class WorkerProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("grain-worker (\\S+) ready(?: on ([^:]+:\\d+))?[:,] .*");

  private final Launcher process;
  // both set once, before anybody asks
  private String name = "";
  private String address = "";

  WorkerProcess(Launcher process) {
    this.process = process;
  }

  void awaitReady() throws IOException {
    String line = String.valueOf(process.line());
    Matcher matcher = READY.matcher(line);
    assertThat(matcher.matches()).as("'%s'; %s", line, process.errors()).isTrue();
    name = matcher.group(1);
    address = String.valueOf(matcher.group(2));
  }

  String name() {
    return name;
  }

  /** Returns where it listens, as {@code HOST:PORT}. */
  String address() {
    return address;
  }

  int port() {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  long pid() {
    return process.process().pid();
  }

  /** Tells it to end. */
  void terminate() {
    process.process().destroy();
  }

  /** Sends it a signal, such as {@code STOP}. */
  void signal(String name) throws IOException, InterruptedException {
    process.signal(name);
  }

  boolean isAlive() {
    return process.process().isAlive();
  }

  /** Returns whether it listens where processes on the network of the test can dial it. */
  boolean isOnThisNetwork() {
    return address.startsWith("127.0.0.1:");
  }

  /** Returns the processes that it or its jobs have started, but for its own watchdog. */
  List<ProcessHandle> descendants() {
    return process.process().descendants().filter(each -> !isWatchdog(each)).toList();
  }

  private static boolean isWatchdog(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains("grain-commands");
  }

  /** Waits until it has ended and returns its exit code. */
  int exitCode() throws InterruptedException {
    return process.exitCode();
  }

  /** Returns what it has logged. */
  String errors() throws IOException {
    return process.errors();
  }

  /** Waits until it has logged that. */
  void awaitLog(String text) throws IOException {
    while (!errors().contains(text)) {
      assertThat(process.process().isAlive()).as("life of " + this).isTrue();
      assertThat(Thread.currentThread().isInterrupted()).as("gave up to wait: " + text).isFalse();
      Thread.onSpinWait();
    }
  }

  /** Kills it, as {@code kill -9}, and waits for its end. */
  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "%s at %s, process %s".formatted(name, address, pid());
  }
}
