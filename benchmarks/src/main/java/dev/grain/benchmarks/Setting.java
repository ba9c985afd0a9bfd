package dev.grain.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where and of what the figures are: nothing that names the machine or its user.
 *
 * @param processor what kind of processor it is, and how many there are
 * @param memory of the machine
 * @param system the operating system
 * @param java the JDK
 * @param commit the commit that was measured
 */
record Setting(String processor, String memory, String system, String java, String commit) {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** Finds out. */
  static Setting here(Path checkout) throws IOException, InterruptedException {
    OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Setting(
        "%s × %s".formatted(Runtime.getRuntime().availableProcessors(), processorModel()),
        String.format(Locale.ROOT, "%.0f GiB", machine.getTotalMemorySize() / (double) (1 << 30)),
        "%s, %s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
        "%s %s".formatted(System.getProperty("java.vm.name"), Runtime.version()),
        commit(checkout));
  }

  private static String processorModel() throws IOException {
    if (Files.notExists(PROCESSORS)) {
      return "processor";
    }
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("processor");
    }
  }

  private static String commit(Path checkout) throws IOException, InterruptedException {
    String commit = git(checkout, "rev-parse", "--short", "HEAD");
    boolean changed = !git(checkout, "status", "--porcelain", "--untracked-files=no").isEmpty();
    return commit.isEmpty() ? "unknown" : changed ? commit + ", with changes" : commit;
  }

  private static String git(Path checkout, String... arguments)
      throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder(Stream.concat(Stream.of("git"), Stream.of(arguments)).toList())
            .directory(checkout.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return git.waitFor() == 0 ? printed.strip() : "";
  }
}
