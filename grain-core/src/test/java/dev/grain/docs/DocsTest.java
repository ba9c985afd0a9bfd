package dev.grain.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.grain.session.SessionLimits;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Hello;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks the documents against the code: their samples compile, run and print what is shown.
 *
 * <p>Every block of Java is the body of a run's main, unless a comment on the line before it states
 * otherwise: {@code program} is a whole file, {@code classes} are declarations that the blocks of
 * that document use, {@code outside} is a body that starts its runs itself, {@code compiled} is
 * such a body that needs workers and so is not run, and {@code refused} are lines that javac must
 * refuse, each by itself. A block of text that follows a block of Java is what it prints, on
 * standard output, or the exception that it ends with; {@code ...} in it stands for anything.
 * Without one it must print nothing.
 */
final class DocsTest {
  private static final Document README = read("README.md");
  private static final Document REFERENCE = read("docs/reference.md");
  private static final Document ARCHITECTURE = read("docs/architecture.md");
  private static final Document TROUBLESHOOTING = read("docs/troubleshooting.md");

  private static final Path SOURCES = Document.ROOT.resolve("grain-core/src/main/java");

  private static final Path SOURCES_OF_WORKER = Document.ROOT.resolve("grain-worker/src/main/java");

  private static final Pattern CLASS_NAME = Pattern.compile("class (\\w+)");
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:src|srcset|href)=\"([^\"]+)\"");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern THROWABLE = Pattern.compile("\\b[A-Z]\\w+(?:Exception|Error)\\b");
  private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\|.*");

  /** Where the documents' exceptions may be found. */
  private static final List<String> PACKAGES =
      List.of("dev.grain.", "java.lang.", "java.util.", "java.util.concurrent.", "java.io.");

  @TempDir Path folder;

  private static Document read(String path) {
    try {
      return Document.read(Path.of(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- what is shown runs

  @Test
  void programOfReadme_withPlainJavacAndJava_printsWhatItShowsAndNothingElse() throws Exception {
    List<Document.Block> programs =
        README.blocks().stream().filter(block -> block.directive().equals("program")).toList();
    assertThat(programs).hasSize(1);
    Document.Block program = programs.getFirst();
    Matcher name = CLASS_NAME.matcher(program.text());
    assertThat(name.find()).isTrue();
    Files.writeString(folder.resolve(name.group(1) + ".java"), program.text());
    Path tools = Path.of(System.getProperty("java.home"), "bin");
    String classPath = Snippets.programClassPath() + java.io.File.pathSeparator + folder;

    String compiled =
        Snippets.execute(
            List.of(tools.resolve("javac").toString(), "-cp", classPath, name.group(1) + ".java"),
            folder);
    assertThat(compiled).isEmpty();
    String printed =
        Snippets.execute(
            List.of(tools.resolve("java").toString(), "-cp", classPath, name.group(1)), folder);
    assertShown(program, printed);
  }

  @TestFactory
  Stream<DynamicTest> snippets_compileAndRun_asShown() throws Exception {
    Stream<DynamicTest> tests = Stream.of();
    for (Document document : Document.all()) {
      Path work = Files.createDirectory(folder.resolve(document.toString().replace('/', '-')));
      tests = Stream.concat(tests, snippets(document, work));
    }
    return tests;
  }

  private static Stream<DynamicTest> snippets(Document document, Path work) throws Exception {
    Snippets snippets = new Snippets(document, work);
    if (snippets.isEmpty()) {
      return Stream.of();
    }
    Map<Document.Block, String> errors = snippets.compile();
    if (!errors.isEmpty()) {
      return errors.entrySet().stream()
          .map(each ->
              dynamicTest(
                  place(document, each.getKey()),
                  () -> assertThat(each.getValue()).as(each.getKey().text()).isEmpty()));
    }
    DynamicTest refusals =
        dynamicTest(
            "lines that javac refuses", () -> assertThat(snippets.wronglyRefused()).isEmpty());
    Stream<DynamicTest> runs =
        snippets.run().stream()
            .map(result ->
                dynamicTest(
                    place(document, result.block()),
                    () -> {
                      assertThat(result.errors()).isEmpty();
                      assertShown(result.block(), result.output());
                    }));
    return Stream.concat(Stream.of(refusals), runs);
  }

  private static String place(Document document, Document.Block block) {
    return document + ":" + block.line();
  }

  private static void assertShown(Document.Block block, String printed) {
    String shown = block.output() == null ? "" : block.output();
    assertThat(printed).as(block.text()).matches(text -> Snippets.matches(shown, text), shown);
  }

  // ---- links, names, messages and limits

  @TestFactory
  Stream<DynamicTest> links_leadSomewhere() throws IOException {
    return Document.all().stream()
        .map(document ->
            dynamicTest(document.toString(), () -> assertThat(deadLinks(document)).isEmpty()));
  }

  private static List<String> deadLinks(Document document) throws IOException {
    List<String> dead = new ArrayList<>();
    for (MatchResult link : find(LINK, String.join("\n", document.prose()))) {
      String target = link.group(1) == null ? link.group(2) : link.group(1);
      if (!target.contains("://") && !leadsSomewhere(document, target)) {
        dead.add(target);
      }
    }
    return dead;
  }

  private static boolean leadsSomewhere(Document document, String target) throws IOException {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path path =
        file.isEmpty()
            ? Document.ROOT.resolve(document.path())
            : Document.ROOT.resolve(document.path()).resolveSibling(file).normalize();
    if (!Files.exists(path)) {
      return false;
    }
    return hash < 0
        || Document.read(Document.ROOT.relativize(path)).prose().stream()
            .filter(line -> line.startsWith("#"))
            .anyMatch(line -> anchor(line).equals(target.substring(hash + 1)));
  }

  /** Returns the anchor that a heading gets on the usual sites. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\w\\- ]", "")
        .replace(' ', '-');
  }

  @Test
  void exceptions_thatDocumentsName_exist() throws IOException {
    List<String> unknown = new ArrayList<>();
    for (Document document : Document.all()) {
      for (MatchResult name : find(THROWABLE, String.join("\n", document.lines()))) {
        if (PACKAGES.stream().noneMatch(each -> isClass(each + name.group()))) {
          unknown.add(document + ": " + name.group());
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  private static boolean isClass(String name) {
    try {
      Class.forName(name, false, DocsTest.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  @Test
  void messages_ofTroubleshooting_areThoseOfTheSources() throws IOException {
    List<String> sources = new ArrayList<>();
    sources.add(Files.readString(Document.ROOT.resolve("bin/grain")));
    for (Path sourceFolder : List.of(SOURCES, SOURCES_OF_WORKER)) {
      try (Stream<Path> files = Files.walk(sourceFolder)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          sources.add(literals(Files.readString(file)));
        }
      }
    }
    List<String> messages = new ArrayList<>();
    for (String line : TROUBLESHOOTING.prose()) {
      if (line.startsWith("### ")) {
        find(CODE, line).forEach(code -> messages.add(code.group(1)));
      }
    }
    for (String row : TROUBLESHOOTING.section("## Connections")) {
      // the first column of the table
      if (row.startsWith("| `")) {
        find(CODE, row.substring(0, row.indexOf(" | ")))
            .forEach(code -> messages.add(code.group(1)));
      }
    }
    assertThat(messages)
        .isNotEmpty()
        .filteredOn(message -> sources.stream().noneMatch(source -> says(source, message)))
        .isEmpty();
  }

  /** Returns the source with the literals joined that are concatenated. */
  private static String literals(String source) {
    return source
        .replaceAll("\"(\\s*\\.formatted\\([^;]*?\\))?\\s*\\+\\s*\"", "")
        .replace("\\\"", "\"");
  }

  private static boolean says(String source, String message) {
    return Stream.of(message.split("\\.\\.\\."))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .allMatch(source::contains);
  }

  @Test
  void limits_ofReferenceAndArchitecture_areThoseOfTheCode()
      throws ReflectiveOperationException, IOException {
    Map<String, Object> values = new TreeMap<>();
    Class<?> limits = Class.forName("dev.grain.RunLimits");
    for (Field each : limits.getDeclaredFields()) {
      values.put(words(each.getName()), constant(limits.getName(), each.getName()));
    }
    for (Method each : limits.getDeclaredMethods()) {
      if (Modifier.isStatic(each.getModifiers()) && !each.isSynthetic()) {
        each.setAccessible(true);
        values.put(words(each.getName()), each.invoke(null));
      }
    }
    values.put("interned", Hello.INTERNED);
    values.putAll(components(ConnectionLimits.DEFAULT));
    values.putAll(components(SessionLimits.DEFAULT));
    // a run and a worker set it: it is among the limits above
    values.remove("value");
    values.computeIfPresent("acknowledge delay", (_, nanos) -> Duration.ofNanos((long) nanos));
    values.put("hello bytes", constant("dev.grain.wire.GreetingCodec", "LARGEST"));
    values.put("frame", constant("dev.grain.session.FrameCodec", "MOST_BYTES"));
    values.put("nesting", constant("dev.grain.code.Engine", "MAX_DEPTH"));
    values.put("code folder", constant("dev.grain.code.bundle.Pack", "MAX_FOLDER"));
    values.put("code entries", constant("dev.grain.code.bundle.Listing", "MAX_ENTRIES"));
    values.put("code cache", limit(flag("CACHE").replace("GiB", " GiB")));
    values.put("drain", limit(flag("DRAIN").replace("s", " seconds")));
    values.put("worker grace", limit(flag("GRACE").replace("s", " seconds")));
    values.replaceAll((_, value) -> value instanceof Number number ? number.longValue() : value);
    assertThat(shownLimits()).isEqualTo(values);
  }

  /** Returns the name of a constant or a method as words. */
  private static String words(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1 $2").replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  private static Object constant(String type, String name) throws ReflectiveOperationException {
    Field field = Class.forName(type).getDeclaredField(name);
    field.setAccessible(true);
    return field.get(null);
  }

  private static Map<String, Object> components(Record limits) throws ReflectiveOperationException {
    Map<String, Object> values = new TreeMap<>();
    for (RecordComponent each : limits.getClass().getRecordComponents()) {
      values.put(words(each.getName()), each.getAccessor().invoke(limits));
    }
    return values;
  }

  /** Returns what a flag of the worker is if it is not given. */
  private static String flag(String name) throws IOException {
    Path source = SOURCES_OF_WORKER.resolve("dev/grain/worker/WorkerFlags.java");
    Pattern constant = Pattern.compile("DEFAULT_" + name + " = \"(.*)\"");
    return find(constant, Files.readString(source)).getFirst().group(1);
  }

  /** Returns the limits of the reference, and those of connections, which maintainers need. */
  private static Map<String, Object> shownLimits() {
    List<String> lines = new ArrayList<>(REFERENCE.section("## Limits"));
    lines.addAll(ARCHITECTURE.section("## Limits of connections"));
    Map<String, Object> shown = new TreeMap<>();
    for (String line : lines) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && !row.group(1).equals("limit")) {
        shown.put(row.group(1), limit(row.group(2)));
      }
    }
    return shown;
  }

  private static Object limit(String shown) {
    long heap = Runtime.getRuntime().maxMemory();
    return switch (shown) {
      case "a sixty-fourth of the heap" -> heap / 64;
      case "a quarter of the heap" -> heap / 4;
      case "two fifths of the heap" -> heap / 5 * 2;
      case "three quarters of the heap" -> heap / 4 * 3;
      default -> {
        String[] words = shown.split(" ", -1);
        long number = Long.parseLong(words[0].replace(",", ""));
        yield switch (words.length == 1 ? "" : words[1]) {
          case "" -> number;
          case "KiB" -> number << 10;
          case "MiB" -> number << 20;
          case "GiB" -> number << 30;
          case "ms" -> Duration.ofMillis(number);
          case "seconds" -> Duration.ofSeconds(number);
          default -> shown;
        };
      }
    };
  }

  private static List<MatchResult> find(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }
}
