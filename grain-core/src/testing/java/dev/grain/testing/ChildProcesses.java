package dev.grain.testing;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The processes below this one: their command, the threads of those that are Java, and, where there
 * is {@code /proc}, what they printed that nobody has read.
 */
final class ChildProcesses {
  private static final int SHOWN_BYTES = 16 * 1024;
  private static final long PATIENCE_SECONDS = 20;

  private ChildProcesses() {}

  /** Kills them all, and returns what is known of them. */
  static String kill() throws InterruptedException {
    List<ProcessHandle> all = ProcessHandle.current().descendants().toList();
    StringBuilder text = new StringBuilder(all.size() + " processes were running.\n");
    for (ProcessHandle process : all) {
      text.append(describe(process)).append(threads(process)).append(printed(process));
    }
    all.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(all);
    return text.toString();
  }

  private static void awaitEnd(List<ProcessHandle> all) throws InterruptedException {
    try {
      CompletableFuture.allOf(
              all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // it is killed, and the system is slow to end it
    }
  }

  private static String describe(ProcessHandle process) {
    return "\nProcess " + process.pid() + ": " + process.info().commandLine().orElse("?") + "\n";
  }

  private static String threads(ProcessHandle process) throws InterruptedException {
    Optional<String> command = process.info().command();
    if (command.isEmpty() || !command.get().endsWith("/java")) {
      return "";
    }
    try {
      File file = File.createTempFile("threads", ".txt");
      try {
        Process jcmd =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(process.pid()),
                    "Thread.print")
                .redirectErrorStream(true)
                .redirectOutput(file)
                .start();
        if (!jcmd.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          jcmd.destroyForcibly().waitFor();
        }
        return Files.readString(file.toPath());
      } finally {
        Files.deleteIfExists(file.toPath());
      }
    } catch (IOException e) {
      return "Its threads cannot be shown: " + e + "\n";
    }
  }

  /** Returns what it printed, without waiting for it: a test may be reading the same. */
  private static String printed(ProcessHandle process) {
    Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
    return CompletableFuture.supplyAsync(() ->
            printed("output", descriptors.resolve("1"))
                + printed("error output", descriptors.resolve("2")))
        .completeOnTimeout("What it printed is being read.\n", PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  /** Reads the end of a file, or what is in a pipe, unless this process prints to it as well. */
  private static String printed(String name, Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      boolean pipe = target.startsWith("pipe:");
      if (isOwn(target) || (!pipe && !Files.isRegularFile(descriptor))) {
        return "";
      }
      try (InputStream stream = new FileInputStream(descriptor.toFile())) {
        if (!pipe) {
          stream.skipNBytes(Math.max(0, Files.size(descriptor) - SHOWN_BYTES));
        }
        byte[] bytes = stream.readNBytes(Math.min(SHOWN_BYTES, stream.available()));
        return "Its %s:\n%s\n".formatted(name, new String(bytes, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // it has ended, belongs to somebody else, or there is no /proc
      return "";
    }
  }

  private static boolean isOwn(String target) throws IOException {
    return target.equals(Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString())
        || target.equals(Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString());
  }
}
