package dev.grain.shipping;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs started in every way, whose functions run in a process that has nothing of them. */
class ProgramStartTest {
  private static final List<String> EXPECTED =
      List.of(
          "process: true",
          "lambda: xx",
          "capture: x41",
          "this: x5",
          "reference: x by reference",
          "anonymous: x415",
          "local record: Local[left=2, right=s]",
          "enum: HIGH",
          "weight: 10",
          "generics: {k=[Optional[HIGH]]}",
          "comparator: b",
          "resource: words of a library",
          "service: [HELLO]",
          "source: true",
          "failure: failsBox[content=HIGH, more={}]true",
          "fetched again: 0");

  private static final List<String> PACKED =
      List.of(
          "here: resource packed, library words of a library, services [HELLO], version 7",
          "elsewhere: resource packed, library words of a library, services [HELLO], version 7");

  @TempDir static Path shared;
  private static Path library;
  private static Path driver;
  private static Path worker;
  private static Path classes;

  @TempDir Path folder;
  private String fileLimit = "unlimited";

  @BeforeAll
  static void build() throws Exception {
    library = Building.library(shared);
    Path driverClasses = Building.copy(shared.resolve("driver"), Program.class);
    driver = Building.jar(shared.resolve("driver.jar"), new Manifest(), List.of(driverClasses));
    worker = Building.copy(shared.resolve("worker"), Program.class, WorkerProcess.class);
    classes =
        Building.compile(
            shared.resolve("classes"),
            List.of(Building.grain(), library, driver),
            Building.resource("acme/Main.java"));
  }

  @Test
  void classPath_program_runsElsewhere() throws Exception {
    assertThat(run("java", "-cp", path(classes, library, driver), "acme.Main")).isEqualTo(EXPECTED);
  }

  @Test
  void diskThatTakesNoMore_isSaidOnce_andTheProgramRuns() throws Exception {
    fileLimit = "2";
    List<String> lines = run("java", "-cp", path(classes, library, driver), "acme.Main");
    assertThat(lines.subList(0, lines.size() - 1)).containsSubsequence(EXPECTED.subList(0, 15));
    assertThat(lines)
        .filteredOn(line -> line.contains("cannot be cached"))
        .singleElement()
        .asString()
        .contains("(java.io.IOException: ");
  }

  @Test
  void sourceFile_program_runsElsewhere() throws Exception {
    String source = Building.resource("acme/Main.java").toString();
    assertThat(run("java", "-cp", path(library, driver), source)).isEqualTo(EXPECTED);
  }

  @Test
  void jshell_session_runsElsewhere() throws Exception {
    String script = Building.resource("session.jsh").toString();
    // jshell keeps preferences, and prints that when it creates their folder
    Files.createDirectories(folder.resolve(".java/.userPrefs"));
    String preferences = "-J-Djava.util.prefs.userRoot=" + folder;
    assertThat(run("jshell", preferences, "--class-path", path(library, driver), script))
        .isEqualTo(
            List.of(
                "process: true",
                "method: 9",
                "method again: 81",
                "record: Point[x=3, y=2]",
                "enum: HIGH",
                "value in a list: Point[x=3, y=4]",
                "failure: fails",
                "resource: words of a library",
                "variable: " + refusal("offset"),
                "variable in a method: " + refusal("offset"),
                "variable in a class: " + refusal("offset"),
                "variable of a function: " + refusal("doubled"),
                "local variable: 6",
                "once more: 81",
                "fetched again: 0"));
  }

  private static String refusal(String variable) {
    return "The function cannot be encoded: it uses a variable of jshell ("
        + variable
        + "), and variables of jshell stay behind; pass the value as an argument, or copy it to a"
        + " local variable";
  }

  @Test
  void modulePath_program_runsElsewhere() throws Exception {
    Path words = folder.resolve("words");
    Building.compile(
        List.of("-d", words.toString()),
        List.of(
            source(
                "words/module-info.java",
                "module words { exports lib; opens lib;"
                    + " uses lib.Words.Speaker; provides lib.Words.Speaker with lib.Words.Loud; }"),
            Building.resource("lib/Words.java").toString()));
    Files.copy(Building.resource("lib/words.txt"), words.resolve("lib/words.txt"));
    Path acme = folder.resolve("acme");
    String modules =
        Building.join(
            Stream.of(Stream.of(words, driver, Building.grain()), Building.libraries().stream())
                .flatMap(each -> each)
                .toList());
    Building.compile(
        List.of("-p", modules, "-d", acme.toString()),
        List.of(
            source(
                "acme-source/module-info.java",
                "module acme { requires dev.grain; requires words;"
                    + " requires driver; opens acme; }"),
            Building.resource("acme/Main.java").toString()));
    assertThat(
            run(
                "java",
                "--add-exports=dev.grain/dev.grain.code=driver",
                "--add-exports=dev.grain/dev.grain.code.bundle=driver",
                "--add-exports=dev.grain/dev.grain.bytes=driver",
                "-p",
                modules + java.io.File.pathSeparator + acme,
                "-m",
                "acme/acme.Main"))
        .isEqualTo(EXPECTED);
  }

  @Test
  void oneJarWithGrainAndAll_program_runsElsewhere() throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "acme.Main");
    List<Path> parts = new ArrayList<>(List.of(classes, library, driver, Building.grain()));
    parts.addAll(Building.libraries());
    Path jar = Building.jar(folder.resolve("all.jar"), manifest, parts);
    assertThat(run("java", "-jar", jar.toString())).isEqualTo(EXPECTED);
  }

  // ---- Spring Boot

  @Test
  void springBootJar_program_runsElsewhere() throws Exception {
    Path jar = bootJar("acme.Main", List.of(classes), List.of(library, driver));
    assertThat(run("java", "-jar", jar.toString())).isEqualTo(EXPECTED);
  }

  @Test
  void springBootJar_resources_areFoundHereAndElsewhere() throws Exception {
    Path jar = bootJar("acme.Packed", packed(), List.of(library, driver));
    assertThat(run("java", "-jar", jar.toString())).isEqualTo(PACKED);
    assertThat(cached()).noneMatch(name -> name.startsWith("dev/grain/Grain"));
    assertThat(cached())
        .as("a jar within is sent once")
        .doesNotContain("BOOT-INF/lib/words-1.0.jar")
        .containsOnlyOnce("lib/words.txt")
        .contains("BOOT-INF/classes/packed.txt");
  }

  @Test
  void springBootWar_resources_areFoundHereAndElsewhere() throws Exception {
    Path jar =
        Building.bootJar(
            folder.resolve("app.war"),
            manifest("org.springframework.boot.loader.launch.WarLauncher", "acme.Packed"),
            "spring-boot-loader-3",
            "WEB-INF",
            packed(),
            parts(library, driver));
    assertThat(run("java", "-jar", jar.toString())).isEqualTo(PACKED);
  }

  @Test
  void springBootJarWithTheFormerLoader_resources_areFoundHereAndElsewhere() throws Exception {
    Path jar =
        Building.bootJar(
            folder.resolve("app.jar"),
            manifest("org.springframework.boot.loader.JarLauncher", "acme.Packed"),
            "spring-boot-loader-classic-",
            "BOOT-INF",
            packed(),
            parts(library, driver));
    assertThat(run("java", "-jar", jar.toString())).isEqualTo(PACKED);
  }

  private Path bootJar(String main, List<Path> own, List<Path> jars) throws Exception {
    return Building.bootJar(
        folder.resolve("my app+.jar"),
        manifest("org.springframework.boot.loader.launch.JarLauncher", main),
        "spring-boot-loader-3",
        "BOOT-INF",
        own,
        parts(jars.toArray(Path[]::new)));
  }

  private static Manifest manifest(String launcher, String main) {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MAIN_CLASS, launcher);
    attributes.put(Attributes.Name.IMPLEMENTATION_VERSION, "7");
    attributes.putValue("Start-Class", main);
    return manifest;
  }

  /** Returns the folder of a program that has a resource. */
  private List<Path> packed() throws Exception {
    Path target =
        Building.compile(
            folder.resolve("packed"),
            List.of(Building.grain(), library, driver),
            Building.resource("acme/Packed.java"));
    Files.writeString(target.resolve("packed.txt"), "packed");
    return List.of(target);
  }

  /** Returns the names of the files in all that the worker has fetched. */
  private List<String> cached() throws Exception {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder.resolve("cache"), "*.jar")) {
      for (Path each : jars) {
        try (ZipFile jar = new ZipFile(each.toFile())) {
          jar.stream().map(ZipEntry::getName).forEach(names::add);
        }
      }
    }
    return names;
  }

  private String source(String name, String text) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text).toString();
  }

  /** Returns a class path of Grain and these. */
  private static String path(Path... more) throws Exception {
    return Building.join(parts(more));
  }

  private static List<Path> parts(Path... more) throws Exception {
    List<Path> parts = new ArrayList<>(List.of(more));
    parts.add(Building.grain());
    parts.addAll(Building.libraries());
    return parts;
  }

  /** Runs a program of the JDK and returns what it prints. */
  private List<String> run(String command, String... arguments) throws Exception {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", command).toString());
    if (command.equals("java")) {
      line.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    }
    line.addAll(List.of(arguments));
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().put(Program.WORKER_PATH, path(worker));
    builder.environment().put(Program.CACHE, folder.resolve("cache").toString());
    builder.environment().put(Program.FILE_LIMIT, fileLimit);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return Files.readAllLines(output);
  }
}
