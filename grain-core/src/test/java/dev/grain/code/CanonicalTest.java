package dev.grain.code;

import static dev.grain.code.CanonicalProgram.canonical;
import static dev.grain.code.CanonicalProgram.form;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.function.Fn1;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

// what users have, and two texts that are equal and not the same
@SuppressWarnings({
  "IdentityHashMapUsage",
  "JdkObsolete",
  "UnnecessaryStringBuilder",
  "UnusedVariable"
})
final class CanonicalTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @Test
  void forms_inTwoProcesses_areTheSame() throws Exception {
    List<String> first = otherProcess();
    List<String> second = otherProcess();
    assertThat(first).hasSameSizeAs(CanonicalProgram.values().keySet()).isEqualTo(second);
    assertThat(first.stream().map(line -> line.substring(line.lastIndexOf(' '))))
        .doesNotHaveDuplicates();
  }

  private static List<String> otherProcess() throws IOException, InterruptedException {
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        new ProcessBuilder(JAVA.toString(), "-cp", classPath, CanonicalProgram.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Process process = builder.start();
    try (BufferedReader out = process.inputReader()) {
      List<String> lines = out.lines().toList();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void orderOfInsertion_countsOnlyWhereThereIsAnOrder() {
    List<Integer> numbers = List.of(1, 17, 33, 49);
    assertThat(form(new HashSet<>(numbers))).isEqualTo(form(new HashSet<>(numbers.reversed())));
    assertThat(form(map(new HashMap<>(), numbers)))
        .isEqualTo(form(map(new HashMap<>(), numbers.reversed())));
    assertThat(form(new LinkedHashSet<>(numbers)))
        .isNotEqualTo(form(new LinkedHashSet<>(numbers.reversed())));
    assertThat(form(map(new LinkedHashMap<>(), numbers)))
        .isNotEqualTo(form(map(new LinkedHashMap<>(), numbers.reversed())));
    assertThat(form(Collections.unmodifiableMap(map(new LinkedHashMap<>(), numbers))))
        .isNotEqualTo(
            form(Collections.unmodifiableMap(map(new LinkedHashMap<>(), numbers.reversed()))));
    assertThat(form(new ArrayList<>(numbers)))
        .isNotEqualTo(form(new ArrayList<>(numbers.reversed())));
  }

  private static Map<Integer, Integer> map(Map<Integer, Integer> map, List<Integer> keys) {
    keys.forEach(key -> map.put(key, -key));
    return map;
  }

  @Test
  void otherContent_isAnotherForm() {
    List<Object> values =
        List.of(
            Set.of(1, 2),
            Set.of(1, 3),
            Set.of(1L, 2L),
            Set.of(Set.of(1), Set.of(2)),
            Set.of(Set.of(1, 2)),
            new HashSet<>(Set.of(1, 2)),
            Map.of(1, 2),
            Map.of(2, 1),
            Map.of(1, 2, 3, 4),
            Map.of(1, 4, 3, 2),
            Set.of("ab", "c"),
            Set.of("a", "bc"),
            List.of(1, 2),
            List.of(2, 1));
    assertThat(values.stream().map(value -> HexFormat.of().formatHex(form(value))))
        .doesNotHaveDuplicates();
  }

  @Test
  void captures_areInTheForm() {
    Set<Integer> numbers = new HashSet<>(List.of(1, 2, 3));
    Set<Integer> others = new HashSet<>(List.of(1, 2, 4));
    assertThat(captured(numbers)).isEqualTo(captured(new HashSet<>(List.of(3, 2, 1))));
    assertThat(captured(numbers)).isNotEqualTo(captured(others));
  }

  private static Canonical captured(Set<Integer> numbers) {
    Fn1<Object, Object> function = argument -> numbers.contains(argument);
    return canonical(function, "x");
  }

  @Test
  void equalTexts_oneObjectOrTwo_areTheSame() {
    String text = "a text that is longer than all plain ones".repeat(4);
    String copy = new StringBuilder(text).toString();
    assertThat(form(List.of(text, text))).isEqualTo(form(List.of(text, copy)));
  }

  @Test
  void viewOfAHashTable_hasNone() {
    assertThat(canonical(new HashMap<>(Map.of("a", 1, "b", 2)).keySet()))
        .isInstanceOf(Canonical.None.class);
    assertThat(canonical(new IdentityHashMap<>(Map.of("a", 1)).values()))
        .isInstanceOf(Canonical.None.class);
  }

  /** Linked both ways, and by a set. */
  static final class Part {
    private @Nullable Part next;
    private @Nullable Part before;
    private final Set<Part> friends = new HashSet<>();
  }

  @Test
  void cycle_throughFields_hasAForm_butNotThroughASet() {
    Part first = new Part();
    Part second = new Part();
    first.next = second;
    second.before = first;
    assertThat(canonical(first)).isInstanceOf(Canonical.Form.class);
    second.friends.add(first);
    assertThat(canonical(first))
        .isInstanceOfSatisfying(
            Canonical.None.class,
            none -> assertThat(none.reason()).contains("refers back to itself"));
  }

  @Test
  void graphOfSets_withTooManyPaths_hasNone() {
    List<Part> below = List.of(new Part(), new Part());
    for (int level = 0; level < 60; level++) {
      List<Part> above = List.of(new Part(), new Part());
      for (Part each : above) {
        each.friends.addAll(below);
      }
      below = above;
    }
    assertThat(canonical(below.getFirst()))
        .isInstanceOfSatisfying(
            Canonical.None.class, none -> assertThat(none.reason()).contains("limit"));
  }

  /** Is encoded otherwise each time. */
  @SuppressWarnings("serial") // it never travels
  static final class Counting implements Serializable {
    private static final AtomicInteger LAST = new AtomicInteger();

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.writeInt(LAST.incrementAndGet());
    }
  }

  @Test
  void encodedOtherwiseEachTime_hasNone() {
    assertThat(canonical(new Counting()))
        .isEqualTo(
            new Canonical.None(
                "their captured values or arguments are encoded differently each time, or "
                    + "have an order that changes from one process to the next"));
    assertThat(canonical(Set.of(new Counting()))).isInstanceOf(Canonical.None.class);
  }

  @Test
  void plainValues_areTheirOwnForm() {
    for (Object value : new Object[] {1, 1L, 1.5, "text", true, 'c'}) {
      assertThat(canonical(value)).isInstanceOf(Canonical.Form.class);
    }
    assertThat(form(1)).isNotEqualTo(form(1L)).isEqualTo(form(1));
  }
}
