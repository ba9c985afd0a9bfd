package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Grain as it is on a node where its archive was unpacked, and a program beside it with nothing but
 * Grain on its class path. Keys and caches are in a folder of its own.
 *
 * @param folder where the archive would have been unpacked
 * @param scratch what belongs to the users of it
 */
record Unpacked(Path folder, Path scratch) {
  private static final String PROGRAMS = "dev/grain/benchmarks/start/";
  private static final List<String> CLASSES =
      List.of("PlainHello", "BindOnly", "Hello", "FirstJob");

  /**
   * Puts one into a folder.
   *
   * @throws IllegalStateException if these benchmarks do not run from the jars of a checkout
   */
  static Unpacked into(Path folder, Path scratch) throws IOException {
    Unpacked made = new Unpacked(folder, scratch);
    Path jar = jarOfWorker();
    Path module = jar.resolve("../..").normalize();
    List<Path> jars = new ArrayList<>(List.of(jar));
    String libraries = Files.readString(module.resolve("target/classpath.txt")).strip();
    Stream.of(libraries.split(File.pathSeparator)).map(Path::of).forEach(jars::add);
    made.copy("lib", jars);
    made.copy(
        "bin", List.of(module.resolve("../bin/grain"), module.resolve("../bin/grain-worker")));
    made.copyPrograms();
    return made;
  }

  private static Path jarOfWorker() {
    try {
      Class<?> type = Class.forName("dev.grain.worker.GrainCommand");
      Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(jar)) {
        return jar;
      }
      throw new IllegalStateException(
          "The start of a worker is measured with its jar, and here it is in the folder " + jar);
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new IllegalStateException("The class path has no worker", e);
    }
  }

  private void copy(String name, List<Path> files) throws IOException {
    Path into = Files.createDirectories(folder.resolve(name));
    for (Path file : files) {
      Files.copy(file, into.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private void copyPrograms() throws IOException {
    Path into = Files.createDirectories(folder.resolve("programs").resolve(PROGRAMS));
    for (String name : CLASSES) {
      try (InputStream in = Unpacked.class.getResourceAsStream("/" + PROGRAMS + name + ".class")) {
        if (in == null) {
          throw new IllegalStateException("The class path has no class " + name);
        }
        Files.copy(in, into.resolve(name + ".class"));
      }
    }
  }

  /** Makes the cache of classes, as a user does. */
  void makeCache() throws IOException, InterruptedException {
    Process process = start(List.of(folder.resolve("bin/grain").toString(), "cache"));
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("The cache was not made: " + printed);
    }
  }

  /** Returns the command of a worker. */
  List<String> worker(String name) {
    return List.of(
        folder.resolve("bin/grain-worker").toString(),
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--cpus",
        "2",
        "--memory",
        "256MiB",
        "--name",
        name);
  }

  /** Returns the command of a program: a JVM without flags. */
  List<String> program(String name, List<Path> further, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(classPath(further));
    command.add(PROGRAMS.replace('/', '.') + name);
    command.addAll(List.of(arguments));
    return command;
  }

  private String classPath(List<Path> further) throws IOException {
    try (Stream<Path> jars = Files.list(folder.resolve("lib"))) {
      return Stream.of(Stream.of(folder.resolve("programs")), jars.sorted(), further.stream())
          .flatMap(each -> each)
          .map(Path::toString)
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  /** Starts a command; what it prints as errors is printed here. */
  Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_CONFIG_HOME", scratch.toString());
    builder.environment().put("XDG_CACHE_HOME", scratch.toString());
    builder.redirectError(scratch.resolve("errors.log").toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  /** Returns the next line of a process that starts with the word, without the word. */
  static String await(BufferedReader output, String word) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(word)) {
        return line.substring(word.length());
      }
    }
    throw new IllegalStateException("A process ended before it printed a line with '" + word + "'");
  }
}
