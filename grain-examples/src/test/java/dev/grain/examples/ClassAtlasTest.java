package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.examples.RuntimeImage.PackageIn;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ClassAtlasTest {
  @TempDir Path folder;

  @Test
  void main_twoModules_printsWhatAPlainLoopCounts() throws IOException {
    Path report = folder.resolve("atlas.html");

    List<String> lines =
        Program.run(
            ClassAtlas.class,
            "--modules",
            "java.logging,java.net.http",
            "--out",
            report.toString());

    long classes = 0;
    long methods = 0;
    long bodies = 0;
    long instructions = 0;
    for (String module : List.of("java.logging", "java.net.http")) {
      try (Stream<Path> files = Files.walk(Path.of(URI.create("jrt:/" + module)))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
          ClassModel parsed = ClassFile.of().parse(file);
          if (parsed.isModuleInfo()) {
            continue;
          }
          classes++;
          methods += parsed.methods().size();
          for (MethodModel method : parsed.methods()) {
            bodies += method.code().isPresent() ? 1 : 0;
            instructions +=
                method.code().stream()
                    .flatMap(CodeModel::elementStream)
                    .filter(Instruction.class::isInstance)
                    .count();
          }
        }
      }
    }
    assertThat(lines)
        .anyMatch(figure(classes, "classes +in \\d+ packages of 2 modules, .*"))
        .anyMatch(
            figure(methods, String.format(Locale.ROOT, "methods +of which %,d have code", bodies)))
        .anyMatch(figure(instructions, "instructions"))
        .anyMatch(line -> line.matches("  \\d+ jobs on cores \\[.*\\] of local: .* of work in .*"))
        .contains("The report is in " + report);
  }

  private static Predicate<String> figure(long count, String rest) {
    return line -> line.matches(String.format(Locale.ROOT, " *%,d %s", count, rest));
  }

  @Test
  void main_again_printsTheSameButForTheTimes() {
    List<String> first = withoutTimes(run("java.logging"));

    assertThat(first).hasSizeGreaterThan(30);
    assertThat(withoutTimes(run("java.logging"))).isEqualTo(first);
  }

  private List<String> run(String modules) {
    String report = folder.resolve("atlas.html").toString();
    return Program.run(ClassAtlas.class, "--modules", modules, "--out", report);
  }

  private static List<String> withoutTimes(List<String> lines) {
    return lines.stream().filter(line -> !line.contains(" of work in ")).toList();
  }

  @Test
  void main_oneModule_listsItsLongestMethodsInOrder() throws IOException {
    List<String> lines = run("java.logging");

    int first = lines.indexOf("The longest methods") + 2;
    List<Integer> printed =
        lines.subList(first, first + ClassAtlas.LISTED).stream()
            .map(line -> Integer.valueOf(line.trim().split(" +", -1)[0].replace(",", "")))
            .toList();
    assertThat(printed).isEqualTo(lengths("java.logging").subList(0, ClassAtlas.LISTED));
  }

  private static List<Integer> lengths(String module) throws IOException {
    List<Integer> lengths = new ArrayList<>();
    for (PackageIn each : RuntimeImage.packages(List.of(module))) {
      for (Path file : RuntimeImage.classFiles(each)) {
        for (MethodModel method : ClassFile.of().parse(file).methods()) {
          method.findAttribute(Attributes.code()).ifPresent(code -> lengths.add(code.codeLength()));
        }
      }
    }
    lengths.sort(Comparator.reverseOrder());
    return lengths;
  }

  @Test
  void main_anyModules_writesAReportThatIsWellFormedAndAddsUp() throws Exception {
    String modules = "java.logging,java.net.http,java.prefs";

    List<String> lines = run(modules);

    String page = Files.readString(folder.resolve("atlas.html"));
    assertThat(page).doesNotContain("<script", "http://", "https://", "NaN", "Infinity");
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
    String finding = lines.getFirst().substring(0, lines.getFirst().length() - 1);
    assertThat(texts(document, "h1")).containsExactly(finding);
    assertThat(texts(document, "title")).startsWith(finding);
    Element byModule = (Element) document.getElementsByTagName("details").item(0);
    List<String> cells = texts(byModule, "td");
    long bytes =
        IntStream.range(0, cells.size() / 6)
            .mapToLong(row -> Long.parseLong(cells.get(6 * row + 4).replace(",", "")))
            .sum();
    assertThat(lines)
        .anyMatch(
            line -> line.matches(String.format(Locale.ROOT, " *%,d bytes of code .*", bytes)));
    // Every package is on the map.
    int packages = RuntimeImage.packages(List.of(modules.split(",", -1))).size();
    assertThat(page.split("class=\"cell\"", -1)).hasSize(packages + 1);
  }

  private static List<String> texts(Document document, String tag) {
    return texts(document.getDocumentElement(), tag);
  }

  private static List<String> texts(Element in, String tag) {
    NodeList found = in.getElementsByTagName(tag);
    return IntStream.range(0, found.getLength())
        .mapToObj(i -> found.item(i).getTextContent())
        .toList();
  }

  @Test
  void main_unknownModule_namesTheNearest() {
    Program program = Program.start(ClassAtlas.class, "--modules", "java.base,java.loging");

    assertThat(program.status()).isEqualTo(2);
    assertThat(program.out()).isEmpty();
    assertThat(program.error())
        .containsExactly("This JDK has no module 'java.loging'; the nearest name is java.logging.");
  }

  @Test
  void main_moduleWithoutClasses_saysSo() {
    Program program = Program.start(ClassAtlas.class, "--modules", "java.se");

    assertThat(program.status()).isEqualTo(2);
    assertThat(program.error())
        .containsExactly(
            "There are no classes in java.se, so there is nothing to measure; name other modules.");
  }

  @Test
  void main_reportInNoFolder_saysSoBeforeItWorks() {
    Path report = folder.resolve("missing").resolve("atlas.html");

    Program program = Program.start(ClassAtlas.class, "--out", report.toString());

    assertThat(program.status()).isEqualTo(2);
    assertThat(program.out()).isEmpty();
    assertThat(program.error())
        .containsExactly(
            "The report cannot be written to %s: there is no folder %s."
                .formatted(report, report.getParent()));
  }

  @Test
  void main_unknownOption_pointsToHelp() {
    Program program = Program.start(ClassAtlas.class, "--module", "java.base");

    assertThat(program.status()).isEqualTo(2);
    assertThat(program.error())
        .containsExactly("There is no option --module; --help lists those there are.");
  }

  @Test
  void main_optionWithoutValue_saysSo() {
    Program program = Program.start(ClassAtlas.class, "--modules", "--out", "x.html");

    assertThat(program.status()).isEqualTo(2);
    assertThat(program.error()).containsExactly("--modules needs a value; see --help.");
  }

  @Test
  void main_help_printsTheOptions() {
    assertThat(Program.run(ClassAtlas.class, "--help"))
        .anyMatch(line -> line.contains("--modules"))
        .anyMatch(line -> line.contains("--out"));
  }
}
