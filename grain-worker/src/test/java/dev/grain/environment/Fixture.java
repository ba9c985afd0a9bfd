package dev.grain.environment;

import dev.grain.bytes.Bytes;
import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A folder of code, a cache, and a machine for one test. */
final class Fixture {
  static final long LIMIT = Duration.ofMinutes(10).toNanos();

  final Path code;
  final Path home;
  final Path cache;
  final Map<String, String> variables = new HashMap<>(System.getenv());

  Fixture(Path folder) throws IOException {
    code = Files.createDirectories(folder.resolve("code"));
    home = Files.createDirectories(folder.resolve("home"));
    cache = folder.resolve("cache");
    variables.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
    // what the machine of a developer may have set
    variables.keySet().removeIf(each -> each.startsWith("PIP_") || each.startsWith("CONDA_"));
    variables.put("PIP_CONFIG_FILE", "/dev/null");
  }

  Environments environments() {
    return new Environments(cache, 1L << 40, new Machine(Map.copyOf(variables), home));
  }

  Path write(String name, String content) throws IOException {
    Path file = code.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  /** Writes a program that stands for a tool, found before others. */
  Path tool(String name, String script) throws IOException {
    Path folder = Files.createDirectories(home.resolve("tools"));
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script);
    file.toFile().setExecutable(true);
    variables.put("PATH", folder + ":" + System.getenv().getOrDefault("PATH", ""));
    return file;
  }

  static EnvironmentSetting inCode(EnvironmentKind kind, String path, String... inputs) {
    return new EnvironmentSetting(kind, path, new LinkedHashMap<>(), List.of(inputs), "", LIMIT);
  }

  static EnvironmentSetting travelling(EnvironmentKind kind, String... filesAndContents) {
    SequencedMap<String, Bytes> files = new LinkedHashMap<>();
    for (int index = 0; index < filesAndContents.length; index += 2) {
      files.put(filesAndContents[index], Bytes.utf8(filesAndContents[index + 1]));
    }
    return new EnvironmentSetting(kind, filesAndContents[0], files, List.of(), "", LIMIT);
  }

  static EnvironmentSetting with(EnvironmentSetting setting, String python, Duration limit) {
    return new EnvironmentSetting(
        setting.kind(), setting.path(), setting.files(), setting.inputs(), python, limit.toNanos());
  }

  PreparedEnvironment prepare(EnvironmentSetting setting)
      throws PreparationException, InterruptedException {
    return environments().prepare(setting, code, Progress.NONE);
  }

  /** Runs a script of a shell in an environment, and returns what it has printed. */
  String run(PreparedEnvironment environment, String script)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", script).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(variables);
    EnvironmentEffects effects = environment.effects();
    new Ready(
            List.of(),
            null,
            List.of(),
            effects.path(),
            effects.variables(),
            effects.removed(),
            "",
            List.of())
        .applyTo(builder.environment());
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return printed.strip();
  }
}
