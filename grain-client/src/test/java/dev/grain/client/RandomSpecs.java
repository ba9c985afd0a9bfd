package dev.grain.client;

import dev.grain.Code;
import dev.grain.Resource;
import dev.grain.resource.Resources;
import dev.grain.spec.EnvironmentSpec;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.SettingSpec;
import dev.grain.spec.WorkSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Specs at random, all of which are allowed: the same for the same seed. */
final class RandomSpecs {
  /** What YAML, JSON or a shell could take for something else. */
  private static final List<String> TEXTS =
      List.of(
          "a",
          "null",
          "~",
          "true",
          "No",
          "off",
          "1",
          "1.10",
          "1e3",
          "0o17",
          "0x1F",
          ".inf",
          "-",
          "- a",
          "a: b",
          "#no",
          "a #b",
          "*x",
          "&x",
          "!x",
          "<<",
          "{a}",
          "[",
          "'",
          "\"",
          "\\",
          "%",
          "@",
          "`",
          "a\nb",
          "a\n",
          "\n a",
          "  a",
          "a  ",
          "\t",
          "\r",
          "\u0085",
          "\u2028",
          "\u0007",
          "ä",
          "😀",
          "a,b",
          "?",
          "|",
          ">",
          "2026-11-28",
          "1:30",
          "\ufeff",
          "---",
          "...",
          "=",
          "a\u0000".strip());

  private final SplittableRandom random;

  RandomSpecs(long seed) {
    this.random = new SplittableRandom(seed);
  }

  private boolean maybe() {
    return random.nextInt(3) == 0;
  }

  private <T> T oneOf(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private <T> @Nullable T maybe(Supplier<T> value) {
    return maybe() ? value.get() : null;
  }

  private <T> List<T> some(Supplier<T> value) {
    return maybe() ? many(value) : List.of();
  }

  private <T> List<T> many(Supplier<T> value) {
    return IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(_ -> value.get()).toList();
  }

  /** A text without NUL and placeholders. */
  private String text() {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(1, 4); left > 0; left--) {
      text.append(oneOf(TEXTS).replace("\0", "").replace("{", "(").replace("}", ")"));
    }
    return text.isEmpty() ? "x" : text.toString();
  }

  /** A text that can be a name. */
  private String line() {
    String line = text().replaceAll("[\\p{Cntrl}\u0085\u2028]", "?").strip();
    return line.isEmpty() ? "x" : line;
  }

  private String path() {
    // in a locale without it no path can have the letter
    String letter = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "ä" : "e";
    return "/" + oneOf(List.of("data", "a b", letter, "#x", "1")) + random.nextInt(100);
  }

  private Duration duration() {
    return Duration.ofSeconds(
        random.nextLong(1L << random.nextInt(1, 24)), 1 + random.nextInt(999_999_999));
  }

  private String base64() {
    byte[] bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private Map<String, String> map(Supplier<String> key, Supplier<String> value) {
    Map<String, String> map = new LinkedHashMap<>();
    some(() -> map.put(key.get(), value.get()) == null);
    return map;
  }

  JobSpec next() {
    boolean command = random.nextInt(3) > 0;
    SettingSpec setting = setting(command);
    boolean canHaveVariables = command || setting.isolation() instanceof IsolationSpec.Container;
    return new JobSpec(
        maybe(() -> "job-" + random.nextInt(1000) + oneOf(List.of("", ".a", "_b", "-C"))),
        maybe() ? line() : "",
        command ? program() : maybe() ? shipped() : function(),
        maybe(this::resources),
        command || !(setting.code() instanceof Code.None)
            ? setting
            : setting.withCode(Code.shipped()),
        canHaveVariables
            ? map(() -> oneOf(List.of("A", "PATH", "a b", "ä", "true", "1", "<<")), this::text)
            : Map.of(),
        maybe() ? retries() : RetrySpec.NONE,
        maybe(this::duration),
        maybe() ? random.nextInt(1, 4000) / 8.0 : JobSpec.USUAL_PRIORITY,
        map(() -> oneOf(List.of("project", "acme.com/a", "1", "true", "null")), this::line),
        maybe());
  }

  private RetrySpec retries() {
    int most = random.nextInt(10);
    if (maybe()) {
      return RetrySpec.of(most);
    }
    Duration first = duration();
    return new RetrySpec(most, first, 1 + random.nextInt(8) / 4.0, first.plus(duration()));
  }

  // ---------------------------------------------------------------- work

  private WorkSpec program() {
    List<String> words = new ArrayList<>(many(this::text));
    words.addAll(some(() -> ""));
    return new WorkSpec.Program(
        words,
        maybe(() -> oneOf(List.of("sh", "bash", "/bin/a b"))),
        maybe(this::path),
        maybe(this::path),
        maybe(this::path),
        maybe() ? many(() -> random.nextInt(256)) : List.of(0),
        maybe(
            () -> maybe() ? new WorkSpec.Input.Text(text()) : new WorkSpec.Input.Binary(base64())),
        maybe());
  }

  private WorkSpec function() {
    return new WorkSpec.Function(
        oneOf(List.of("com.acme.Jobs::energy", "A::b", "a.B$C::d(int, java.lang.String)")),
        some(() ->
            oneOf(
                List.of(
                    "1",
                    "0.1",
                    "1E+400",
                    "-3",
                    "null",
                    "true",
                    "[]",
                    "{}",
                    "\"a\"",
                    "\"\\n\"",
                    "[1,[2.50]]",
                    "{\"a\":{\"b\":null},\"1\":\"1\"}",
                    "123456789012345678901234567890"))),
        maybe());
  }

  private WorkSpec shipped() {
    return new WorkSpec.Shipped("0123456789abcdef".repeat(4), base64(), base64(), maybe());
  }

  // ---------------------------------------------------------------- resources

  private double amount() {
    return random.nextInt(1, 100_000) / 10_000.0;
  }

  private Resource resources() {
    List<Resource> parts = new ArrayList<>();
    Runnable[] kinds = {
      () -> parts.add(Resources.cpu(amount())),
      () -> parts.add(Resources.memory(random.nextLong(1, 1L << random.nextInt(1, 60)))),
      () -> parts.add(maybe() ? Resources.gpu(amount()) : Resources.gpuIds("0-2,7,a")),
      () -> parts.add(Resources.capacity(random.nextInt(1, 10))),
      () -> parts.add(Resources.custom("SENSOR", amount())),
      () -> parts.add(Resources.custom("true", amount())),
      () -> parts.add(Resources.customIds("PORT", oneOf(List.of("1", "08-10", "x,1e3")))),
      () -> parts.add(Resources.token("licence")),
      () -> parts.add(Resources.token("1")),
      () -> {
        Duration soft = duration();
        parts.add(Resources.wallTime(soft, maybe() ? soft : soft.plus(duration())));
      }
    };
    kinds[random.nextInt(kinds.length)].run();
    Resource first = parts.removeFirst();
    for (Runnable each : kinds) {
      if (maybe()) {
        each.run();
      }
    }
    Resource all = first;
    for (Resource each : parts) {
      try {
        all = all.and(each);
      } catch (IllegalArgumentException e) {
        // the same kind again
      }
    }
    return all;
  }

  // ---------------------------------------------------------------- setting

  private SettingSpec setting(boolean command) {
    IsolationSpec isolation = maybe(() -> isolation(command));
    boolean container = isolation != null && !(isolation instanceof IsolationSpec.Jvm);
    boolean anyEnvironment = command ? !container : isolation instanceof IsolationSpec.Jvm;
    EnvironmentSpec environment =
        anyEnvironment || !command ? maybe(() -> environment(anyEnvironment)) : null;
    List<SettingSpec.Mount> mounts =
        container ? some(() -> new SettingSpec.Mount(path(), path(), maybe())) : List.of();
    return new SettingSpec(
        isolation,
        maybe() ? code() : Code.shipped(),
        environment,
        mounts.stream().map(SettingSpec.Mount::path).distinct().count() == mounts.size()
            ? mounts
            : List.of(),
        command ? maybe(this::path) : null);
  }

  private IsolationSpec isolation(boolean command) {
    if (maybe()) {
      return command
          ? new IsolationSpec.Apptainer(path(), some(() -> "--nv"))
          : new IsolationSpec.Jvm(
              maybe(this::path), some(() -> "-Xss" + random.nextInt(1, 9) + "m"));
    }
    boolean local = maybe();
    return new IsolationSpec.Container(
        local
            ? oneOf(List.of("train:2", "0123abcd"))
            : oneOf(List.of("python", "python:3.12", "ghcr.io/a/b@sha256:" + "0f".repeat(32))),
        local,
        maybe(() -> oneOf(List.of("none", "host", "1"))),
        maybe(() -> oneOf(List.of("1000", "1000:1000", "a"))),
        some(() -> oneOf(List.of("NET_RAW", "cap_kill"))),
        maybe(),
        maybe(() -> random.nextLong(1, 1L << 40)));
  }

  private Code code() {
    return switch (random.nextInt(4)) {
      case 0 -> Code.none();
      case 1 -> new Code.Folders(many(this::path));
      case 2 -> Code.git("git@acme.com:a/b").commit("0f".repeat(20)).pathInRepo("a/b c");
      default ->
          Code.git("https://acme.com/a").branch(oneOf(List.of("main", "1.10", "refs/tags/a")));
    };
  }

  private EnvironmentSpec environment(boolean any) {
    EnvironmentSpec.Kind kind =
        any ? oneOf(List.of(EnvironmentSpec.Kind.values())) : EnvironmentSpec.Kind.MAVEN;
    boolean python = kind == EnvironmentSpec.Kind.VENV || kind == EnvironmentSpec.Kind.POETRY;
    Map<String, String> files = map(() -> "a/" + random.nextInt(3), () -> "numpy\n" + text());
    return new EnvironmentSpec(
        kind,
        files.isEmpty() ? "a b/file" : files.keySet().iterator().next(),
        files,
        kind == EnvironmentSpec.Kind.SCRIPT && files.isEmpty() ? some(() -> "deps") : List.of(),
        python ? maybe(() -> "python3.12") : null,
        maybe(this::duration));
  }
}
