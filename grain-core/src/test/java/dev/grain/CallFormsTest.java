package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.resource.internal.Kind;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The forms in which functions are given, compiled by javac without any flag and run; and those
 * that javac refuses, each with another spelling that works.
 */
@ExtendWith(NothingLeft.class)
final class CallFormsTest {
  /**
   * A form that works.
   *
   * @param code an expression
   * @param value its value as text; null if it has none
   */
  private record Form(String code, @Nullable String value) {}

  /**
   * A form that does not compile.
   *
   * @param code an expression
   * @param instead another spelling, which does
   * @param value the value of that as text; null if it has none
   */
  private record Refused(String code, String instead, @Nullable String value) {}

  private static Form form(String code, String value) {
    return new Form(code, value);
  }

  private static Form form(String code) {
    return new Form(code, null);
  }

  /** What the forms call. */
  private static final String CALLED =
      """
      static int square(int n) { return n * n; }
      static long scaled(long n, int by) { return n * by; }
      static String join(String a, String b, String c, String d) { return a + b + c + d; }
      static <T> T same(T value) { return value; }
      static <T extends Comparable<T>> T larger(T a, T b) { return a.compareTo(b) > 0 ? a : b; }
      static void nothing() {}
      static void take(String text) {}
      static void take2(String text, int n) {}
      static int checked(String text) throws IOException { return text.length(); }
      static int overloaded(int n) { return n; }
      static String overloaded(String text) { return text; }
      static void overloadedVoid(int n) {}
      static void overloadedVoid(String text) {}
      static int mainWithValue() throws IOException { return 5; }
      static void mainWithout() throws IOException {}
      record Scale(int factor) implements Serializable {
        int times(int n) { return factor * n; }
        void take(int n) {}
      }
      static final Scale TEN = new Scale(10);
      """;

  /** Forms within a main. */
  private static final List<Form> CALLS =
      List.of(
          // lambdas with a value
          form("Grain.exec(cpu(1), () -> 6 * 7)", "42"),
          form("Grain.exec(cpu(1), n -> n * n, 12)", "144"),
          form("Grain.exec(cpu(1), (a, b) -> a + b, \"left\", \"right\")", "leftright"),
          form("Grain.exec(cpu(1), (a, b, c) -> a + b + c, 1, 2, 3)", "6"),
          form("Grain.exec(cpu(1), (a, b, c, d) -> a + b + c + d, 1, 2, 3, 4)", "10"),
          form("Grain.exec(cpu(1), (String s) -> s.length(), \"typed\")", "5"),
          form("Grain.exec(cpu(1), s -> { return s.length(); }, \"block\")", "5"),
          form("Grain.exec(cpu(1), n -> square(n), 3)", "9"),
          form("Grain.exec(cpu(1), s -> checked(s), \"four\")", "4"),
          form("Grain.exec(cpu(1), n -> overloaded(n), 3)", "3"),
          form("Grain.exec(cpu(1), () -> { throw new IOException(\"never\"); }) == null", "throws"),
          // lambdas without one
          form("Grain.exec(cpu(1), () -> nothing())"),
          form("Grain.exec(cpu(1), () -> Thread.sleep(1))"),
          form("Grain.exec(cpu(1), () -> {})"),
          form("Grain.exec(cpu(1), s -> { take(s); }, \"text\")"),
          form("Grain.exec(cpu(1), (String s) -> take(s), \"text\")"),
          form("Grain.exec(cpu(1), (a, b) -> { take2(a, b); }, \"text\", 1)"),
          form("Grain.exec(cpu(1), (a, b, c) -> { nothing(); }, 1, 2, 3)"),
          form("Grain.exec(cpu(1), (a, b, c, d) -> { nothing(); }, 1, 2, 3, 4)"),
          // references
          form("Grain.exec(cpu(1), Forms::square, 5)", "25"),
          form("Grain.exec(cpu(1), Forms::join, \"a\", \"b\", \"c\", \"d\")", "abcd"),
          form("Grain.exec(cpu(1), Forms::checked, \"three\")", "5"),
          form("Grain.exec(cpu(1), Forms::nothing)"),
          form("Grain.exec(cpu(1), Forms::take, \"text\")"),
          form("Grain.exec(cpu(1), Forms::take2, \"text\", 2)"),
          form("Grain.exec(cpu(1), Forms::overloaded, 8)", "8"),
          form("Grain.exec(cpu(1), Forms::overloaded, \"text\")", "text"),
          form("Grain.exec(cpu(1), Integer::parseInt, \"42\")", "42"),
          form("Grain.exec(cpu(1), Math::abs, -3)", "3"),
          form("Grain.exec(cpu(1), Math::max, 3, 4)", "4"),
          form("Grain.exec(cpu(1), String::length, \"word\")", "4"),
          form("Grain.exec(cpu(1), String::concat, \"a\", \"b\")", "ab"),
          form("Grain.exec(cpu(1), String::valueOf, 1.5)", "1.5"),
          form("Grain.exec(cpu(1), \"word\"::length)", "4"),
          form("Grain.exec(cpu(1), TEN::times, 4)", "40"),
          form("Grain.exec(cpu(1), TEN::take, 4)"),
          form("Grain.exec(cpu(1), Scale::times, TEN, 5)", "50"),
          form("Grain.exec(cpu(1), Scale::new, 6)", "Scale[factor=6]"),
          form("Grain.exec(cpu(1), ArrayList<Integer>::new, List.of(1, 2))", "[1, 2]"),
          form("Grain.exec(cpu(1), int[]::new, 7).length", "7"),
          // generic, boxed and unboxed
          form("Grain.exec(cpu(1), Forms::same, \"generic\")", "generic"),
          form("Grain.<Integer, Integer>exec(cpu(1), Forms::same, 4)", "4"),
          form("Grain.exec(cpu(1), Forms::larger, 4, 9)", "9"),
          form("Grain.exec(cpu(1), Forms::scaled, 3L, 4)", "12"),
          form("Grain.exec(cpu(1), Forms::square, Integer.valueOf(6))", "36"),
          form("Grain.exec(cpu(1), (Long n) -> n + 1, 1L)", "2"),
          form("Grain.exec(JobOptions.of(cpu(1)).named(\"named\"), Forms::square, 5)", "25"),
          // groups
          form("Grain.waitGroup(wg -> wg.submit(cpu(1), Forms::square, 4).result())", "16"),
          form("Grain.waitGroup(wg -> wg.submit(cpu(1), Math::abs, -4).result())", "4"),
          form("Grain.waitGroup(wg -> wg.submit(cpu(1), n -> n + 1, 4).result())", "5"),
          form("Grain.waitGroup(wg -> wg.submit(cpu(1), () -> nothing()).result())", "null"),
          form("Grain.waitGroup(wg -> wg.submit(cpu(1), Forms::take, \"text\").result())", "null"),
          form("Grain.waitGroup(wg -> wg.start(() -> 3).result())", "3"),
          form("Grain.waitGroup(wg -> wg.start(() -> checked(\"ab\")).result())", "2"),
          form("Grain.waitGroup(wg -> wg.start(() -> nothing()).result())", "null"),
          form("Grain.waitGroup(wg -> wg.start(() -> Thread.sleep(1)).result())", "null"),
          form("Grain.waitGroup(wg -> wg.start(Forms::mainWithValue).result())", "5"),
          form("Grain.waitGroup(wg -> wg.start(Forms::mainWithout).result())", "null"),
          // many inputs
          form("Grain.map(cpu(1), Math::abs, List.of(-1, 2))", "[1, 2]"),
          form("Grain.map(cpu(1), Forms::square, List.of(1, 2))", "[1, 4]"),
          form("Grain.map(cpu(1), Integer::parseInt, List.of(\"1\", \"2\"))", "[1, 2]"),
          form("Grain.map(cpu(1), String::length, List.of(\"a\", \"bc\"))", "[1, 2]"),
          form("Grain.map(cpu(1), s -> s.length(), List.of(\"a\", \"bc\"))", "[1, 2]"),
          form("Grain.map(cpu(1), Scale::new, List.of(1)).getFirst().times(2)", "2"),
          form("Grain.forEach(cpu(1), Forms::take, List.of(\"a\"))"),
          form("Grain.forEach(cpu(1), s -> { take(s); }, List.of(\"a\"))"),
          form("Grain.forEach(cpu(1), s -> take(s), List.of(\"a\"))"),
          form("Grain.stream(cpu(1), Math::abs, List.of(-1)).toList()", "[1]"),
          form("Grain.stream(cpu(1), n -> n * 2, List.of(1)).toList()", "[2]"));

  /** Forms of mains. */
  private static final List<Form> RUNS =
      List.of(
          form("Grain.runCombine(() -> 3)", "3"),
          form("Grain.runCombine(() -> { return 3; })", "3"),
          form("Grain.runCombine(() -> checked(\"four\"))", "4"),
          form("Grain.runCombine(() -> nothing())"),
          form("Grain.runCombine(() -> {})"),
          form("Grain.runCombine(() -> Thread.sleep(1))"),
          form("Grain.runCombine(Forms::mainWithValue)", "5"),
          form("Grain.runCombine(Forms::mainWithout)"),
          form("Grain.runCombine(() -> 3, RunOptions.defaults())", "3"),
          form("Grain.runCombine(() -> nothing(), RunOptions.defaults())"),
          form("Grain.runCombine(() -> 3, List.of())", "3"),
          form("Grain.runCombine(() -> nothing(), List.of())"),
          form("Grain.runCombine(() -> 3, List.of(), cpu(1))", "3"),
          form("Grain.runCombine(() -> nothing(), List.of(), cpu(1))"),
          form("Grain.<Integer, RuntimeException>runCombine(() -> 3)", "3"),
          form("Grain.runCombine(List.of(() -> 1, () -> 2))", "[1, 2]"),
          form("Grain.runCombine(List.of(() -> checked(\"a\"), () -> 2))", "[1, 2]"),
          form(
              "Grain.runCombine(List.of(() -> \"a\", () -> \"b\"), RunOptions.defaults())",
              "[a, b]"),
          form("Grain.runCombine(List.of(() -> 1, () -> 2), List.of())", "[1, 2]"),
          form("Grain.runCombine(List.of(() -> 1, () -> 2), List.of(), cpu(1))", "[1, 2]"));

  /** Within a main; the guide lists them. */
  private static final List<Refused> REFUSED =
      List.of(
          new Refused(
              "Grain.exec(cpu(1), n -> Thread.sleep(n), 1L)",
              "Grain.exec(cpu(1), n -> { Thread.sleep(n); }, 1L)",
              null),
          new Refused(
              "Grain.exec(cpu(1), Thread::sleep, 1L)",
              "Grain.exec(cpu(1), n -> { Thread.sleep(n); }, 1L)",
              null),
          new Refused(
              "Grain.exec(cpu(1), Forms::overloadedVoid, 1)",
              "Grain.exec(cpu(1), n -> { overloadedVoid(n); }, 1)",
              null),
          new Refused(
              "Grain.exec(cpu(1), (int n) -> n + 1, 41)",
              "Grain.exec(cpu(1), (Integer n) -> n + 1, 41)",
              "42"),
          new Refused(
              "System.out.println(Grain.exec(cpu(1), n -> n * n, 12))",
              "String.valueOf(Grain.exec(cpu(1), (Integer n) -> n * n, 12))",
              "144"),
          new Refused(
              "Integer value = Grain.<Integer>runCombine(() -> 3)",
              "Grain.<Integer, RuntimeException>runCombine(() -> 3)",
              "3"),
          new Refused(
              "Grain.exec(cpu(1), Forms::scaled, 3, 4)",
              "Grain.exec(cpu(1), Forms::scaled, 3L, 4)",
              "12"));

  @TempDir private Path folder;

  /** A source file in memory. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static String inMain(Form form) {
    if (form.value() == null) {
      return "Grain.runCombine(() -> { " + form.code() + "; }); return null;";
    }
    return "return Grain.runCombine(() -> (Object) " + form.code() + ");";
  }

  private static String outside(Form form) {
    return form.value() == null ? form.code() + "; return null;" : "return " + form.code() + ";";
  }

  /** A class with a method for each body. */
  private static Source source(String className, List<String> bodies) {
    String methods =
        IntStream.range(0, bodies.size())
            .mapToObj(index ->
                "static Object form%s() throws Exception { %s }%n"
                    .formatted(index, bodies.get(index)))
            .collect(Collectors.joining());
    return new Source(
        className,
        """
        import static dev.grain.resource.Resources.cpu;
        import dev.grain.*;
        import java.io.*;
        import java.util.*;

        public final class %s {
        %s
        %s
        }
        """
            .formatted(className, CALLED, methods)
            .replace("Forms::", className + "::"));
  }

  private List<Diagnostic<? extends JavaFileObject>> compile(List<Source> sources) {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    boolean compiled =
        javac.getTask(new StringWriter(), null, found, options, null, sources).call();
    List<Diagnostic<? extends JavaFileObject>> errors =
        found.getDiagnostics().stream()
            .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
            .collect(Collectors.toList());
    assertThat(compiled).isEqualTo(errors.isEmpty());
    return errors;
  }

  @Test
  void forms_thatTheGuideShows_compileAndRun() throws Exception {
    List<Form> forms = new ArrayList<>(CALLS);
    REFUSED.forEach(each -> forms.add(new Form(each.instead(), each.value())));
    List<String> bodies =
        Stream.concat(
                forms.stream().map(CallFormsTest::inMain),
                RUNS.stream().map(CallFormsTest::outside))
            .toList();
    forms.addAll(RUNS);

    assertThat(compile(List.of(source("Forms", bodies)))).isEmpty();

    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Thread.currentThread().setContextClassLoader(loader);
      Class<?> compiled = loader.loadClass("Forms");
      for (int index = 0; index < forms.size(); index++) {
        Form form = forms.get(index);
        assertThat(valueOf(compiled, index))
            .as(form.code())
            .isEqualTo(form.value() == null ? "null" : form.value());
      }
    } finally {
      Thread.currentThread().setContextClassLoader(CallFormsTest.class.getClassLoader());
    }
  }

  private static String valueOf(Class<?> compiled, int index) throws ReflectiveOperationException {
    Method form = compiled.getDeclaredMethod("form" + index);
    form.setAccessible(true);
    try {
      return String.valueOf(form.invoke(null));
    } catch (java.lang.reflect.InvocationTargetException e) {
      assertThat(e.getCause()).hasRootCauseInstanceOf(IOException.class);
      return "throws";
    }
  }

  @Test
  void forms_thatTheGuideListsAsRefused_areRefused() {
    List<Source> sources =
        IntStream.range(0, REFUSED.size())
            .mapToObj(index ->
                source(
                    "Refused" + index,
                    List.of(
                        "Grain.runCombine(() -> { %s; }); return null;"
                            .formatted(REFUSED.get(index).code()))))
            .toList();

    Set<String> refused = new HashSet<>();
    compile(sources).forEach(error -> refused.add(error.getSource().getName()));

    assertThat(refused)
        .containsExactlyInAnyOrderElementsOf(sources.stream().map(Source::getName).toList());
  }

  @Test
  void main_withOneCheckedException_needsJustThatToBeDeclared() {
    Source declared =
        new Source(
            "Declared",
            """
            import dev.grain.Grain;
            import java.io.IOException;

            final class Declared {
              static int read() throws IOException { return 1; }
              int value() throws IOException { return Grain.runCombine(() -> read()); }
              void reference() throws IOException { Grain.runCombine(Declared::read); }
              int none() { return Grain.runCombine(() -> 1); }
              void nothing() { Grain.runCombine(() -> {}); }
            }
            """);
    Source missing =
        new Source(
            "Missing",
            """
            import dev.grain.Grain;
            import java.io.IOException;

            final class Missing {
              static int read() throws IOException { return 1; }
              int value() { return Grain.runCombine(() -> read()); }
            }
            """);

    assertThat(compile(List.of(declared))).isEmpty();
    assertThat(compile(List.of(missing)))
        .singleElement()
        .satisfies(error ->
            assertThat(error.getMessage(null))
                .contains("unreported exception java.io.IOException"));
  }
}
