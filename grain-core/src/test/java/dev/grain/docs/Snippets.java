package dev.grain.docs;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles and runs the Java blocks of a document. */
final class Snippets {
  private static final String IMPORTS =
      """
      import module java.base;
      import dev.grain.*;
      import dev.grain.function.*;
      import dev.grain.resource.*;
      import static dev.grain.resource.Resources.*;
      """;

  /** The jars on the class path of the tests that a program does not have. */
  private static final Pattern OF_TESTS =
      Pattern.compile(
          "(junit|assertj|archunit|slf4j|byte-buddy|opentest4j|apiguardian|surefire).*");

  private static final long PATIENCE_SECONDS = 240;

  private final Document document;
  private final Path folder;
  private final List<Document.Block> blocks;
  private final Map<String, Document.Block> toRun = new LinkedHashMap<>();

  /**
   * Takes the blocks of a document, but no whole programs.
   *
   * @param folder an empty folder to work in
   */
  Snippets(Document document, Path folder) {
    this.document = document;
    this.folder = folder;
    this.blocks =
        document.blocks().stream()
            .filter(block -> block.language().equals("java"))
            .filter(block -> !block.directive().equals("program"))
            .toList();
  }

  boolean isEmpty() {
    return blocks.isEmpty();
  }

  /** What the blocks to be run have printed. */
  record Result(Document.Block block, String output, String errors) {}

  /** Returns the class path of a program that uses Grain and nothing else. */
  static String programClassPath() {
    String libraries =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .filter(entry -> !OF_TESTS.matcher(Path.of(entry).getFileName().toString()).matches())
            .collect(joining(File.pathSeparator));
    return Path.of("target/classes").toAbsolutePath() + File.pathSeparator + libraries;
  }

  /**
   * Compiles the blocks that are meant to compile.
   *
   * @return the errors of each block that does not
   */
  Map<Document.Block, String> compile() throws IOException {
    Map<Path, Document.Block> sources = new LinkedHashMap<>();
    for (Document.Block block : blocks) {
      String name = nameOf(block);
      switch (block.directive()) {
        case "refused" -> {}
        case "classes" -> sources.put(write(name, IMPORTS + block.text()), block);
        case "compiled" -> sources.put(write(name, mainOf(name, block.text())), block);
        case "outside" -> {
          sources.put(write(name, mainOf(name, block.text())), block);
          toRun.put(name, block);
        }
        default -> {
          sources.put(write(name, mainOf(name, inRun(block.text()))), block);
          toRun.put(name, block);
        }
      }
    }
    return errors(sources);
  }

  /**
   * Compiles the lines that javac should refuse, each by itself.
   *
   * @return the lines that it takes
   */
  List<String> wronglyRefused() throws IOException {
    Map<Path, String> sources = new LinkedHashMap<>();
    for (Document.Block block : blocks) {
      if (block.directive().equals("refused")) {
        List<String> lines = block.text().lines().filter(line -> !line.isBlank()).toList();
        for (int i = 0; i < lines.size(); i++) {
          String name = nameOf(block) + "_" + i;
          sources.put(write(name, mainOf(name, inRun(lines.get(i)))), lines.get(i));
        }
      }
    }
    if (sources.isEmpty()) {
      return List.of();
    }
    Map<String, String> refused = errors(sources);
    return sources.values().stream().filter(line -> !refused.containsKey(line)).toList();
  }

  /** Runs the blocks that were compiled, in one further JVM without flags. */
  List<Result> run() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(
        String.join(
            File.pathSeparator,
            programClassPath(),
            Path.of("target/test-classes").toAbsolutePath().toString(),
            folder.toString()));
    command.add(SnippetRunner.class.getName());
    command.add(folder.toString());
    command.addAll(toRun.keySet());
    String printed = execute(command, folder);
    if (!printed.isEmpty()) {
      throw new AssertionError("The snippets of " + document + " end with: " + printed);
    }
    List<Result> results = new ArrayList<>();
    for (Map.Entry<String, Document.Block> each : toRun.entrySet()) {
      results.add(
          new Result(
              each.getValue(),
              Files.readString(folder.resolve(each.getKey() + ".out")),
              Files.readString(folder.resolve(each.getKey() + ".err"))));
    }
    return results;
  }

  /** Runs a command to its end, and returns what it prints on either stream. */
  static String execute(List<String> command, Path folder)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "command", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    environment.put("LC_ALL", "C");
    Process process = builder.start();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(command + " does not end: " + Files.readString(output));
      }
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  /** Returns whether the text is as shown, where {@code ...} stands for anything. */
  static boolean matches(String shown, String text) {
    String pattern =
        Stream.of(shown.strip().split("\\.\\.\\.", -1)).map(Pattern::quote).collect(joining(".*"));
    return Pattern.compile(pattern, Pattern.DOTALL).matcher(text.strip()).matches();
  }

  private String nameOf(Document.Block block) {
    String file = document.path().getFileName().toString();
    String word = file.substring(0, file.indexOf('.')).replaceAll("\\W", "");
    return Character.toUpperCase(word.charAt(0)) + word.substring(1) + block.line();
  }

  private static String mainOf(String name, String body) {
    return IMPORTS
        + "public final class %s {\n  public static void main() throws Exception {\n"
            .formatted(name)
        + body
        + "\n  }\n}\n";
  }

  private static String inRun(String body) {
    return "Grain.runCombine(() -> {\n" + body + "\n});";
  }

  private Path write(String name, String source) throws IOException {
    return Files.writeString(folder.resolve(name + ".java"), source);
  }

  /** Returns what javac has against each of the sources. */
  private <T> Map<T, String> errors(Map<Path, T> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    Map<T, String> errors = new HashMap<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d",
              folder.toString(),
              "-cp",
              programClassPath() + File.pathSeparator + folder,
              "-proc:none");
      compiler
          .getTask(
              null,
              files,
              diagnostics,
              options,
              null,
              files.getJavaFileObjectsFromPaths(sources.keySet()))
          .call();
    }
    // to word one may load classes, which may add others
    for (Diagnostic<? extends JavaFileObject> each : List.copyOf(diagnostics.getDiagnostics())) {
      if (each.getKind() == Diagnostic.Kind.ERROR && each.getSource() != null) {
        T source = sources.get(Path.of(each.getSource().toUri()));
        errors.merge(source, each.getMessage(null), (one, other) -> one + "\n" + other);
      }
    }
    return errors;
  }
}
