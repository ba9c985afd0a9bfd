package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An environment of conda, made by micromamba, mamba or conda itself. */
final class CondaBuilder implements Builder {
  private static final JsonMapper JSON = new JsonMapper();

  private final Machine machine;
  private final Path tool;
  private final String version;

  CondaBuilder(Machine machine) throws PreparationException, InterruptedException {
    this.machine = machine;
    this.tool = find(machine);
    this.version = machine.ask(List.of(tool.toString(), "--version")).strip();
  }

  private static Path find(Machine machine) throws PreparationException {
    return Stream.of(
            machine.find("micromamba"),
            // where these are functions of a shell, a variable has the program
            inVariable(machine, "MAMBA_EXE"),
            machine.find("mamba"),
            machine.find("conda"),
            inVariable(machine, "CONDA_EXE"))
        .flatMap(Stream::ofNullable)
        .findFirst()
        .orElseThrow(() ->
            PreparationException.here(
                "There is no program micromamba, mamba or conda on this worker (its PATH is %s). Install one of them."
                    .formatted(machine.path())));
  }

  private static @Nullable Path inVariable(Machine machine, String variable) {
    String value = machine.variables().getOrDefault(variable, "");
    return value.isEmpty() ? null : machine.find(value);
  }

  @Override
  public List<String> identity() {
    return List.of(name(), version);
  }

  private String name() {
    Path name = tool.getFileName();
    return name == null ? "" : name.toString();
  }

  @Override
  public void make(Build build) throws PreparationException, IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(tool.toString()));
    words.addAll(command());
    words.addAll(List.of("--prefix", build.target().toString(), "--file", build.main().toString()));
    Map<String, String> variables = Python.variables(null, machine.path());
    variables.put("CONDA_ALWAYS_YES", "true");
    variables.put("MAMBA_NO_BANNER", "1");
    build.run("installing " + build.setting().path() + " with " + name(), words, variables);
    if (!Files.isDirectory(build.target())) {
      throw PreparationException.here(
          "%s made no environment in %s from %s, although it reported success. Check whether its configuration directs it elsewhere."
              .formatted(tool, build.target(), build.setting().path()));
    }
    if (hasScripts(build.target())) {
      activate(build);
    }
  }

  /** The first mamba was a conda, the second one is a micromamba. */
  private List<String> command() {
    boolean second =
        name().equals("mamba") && !version.isEmpty() && Character.isDigit(version.charAt(0));
    return name().equals("micromamba") || second
        ? List.of("create", "--yes")
        : List.of("env", "create");
  }

  private static boolean hasScripts(Path target) throws IOException {
    Path scripts = target.resolve("etc/conda/activate.d");
    if (!Files.isDirectory(scripts)) {
      return false;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(scripts, "*.sh")) {
      return found.iterator().hasNext();
    }
  }

  /** Notes the variables that the scripts of packages set when somebody activates it. */
  private void activate(Build build)
      throws PreparationException, IOException, InterruptedException {
    Path shell = machine.find("bash");
    shell = shell == null ? machine.find("sh") : shell;
    if (shell == null) {
      throw PreparationException.here(
          "The environment %s has scripts that activate it, but there is no shell on this worker (its PATH is %s). Install bash."
              .formatted(build.setting().description(), machine.path()));
    }
    String script =
        """
        env | sort >"$1.before"
        for each in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do . "$each"; done
        env | sort >"$1.after"
        """;
    Path noted = build.target().resolve("conda-meta/grain");
    Files.createDirectories(FileTree.parent(noted));
    build.run(
        "activating " + build.setting().path(),
        List.of(shell.toString(), "-c", script, "activate", noted.toString()),
        activated(build.target(), machine.path()));
  }

  private static SequencedMap<String, String> activated(Path target, String path) {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    variables.put("CONDA_PREFIX", target.toString());
    variables.put("CONDA_DEFAULT_ENV", target.toString());
    variables.put("PATH", target.resolve("bin") + File.pathSeparator + path);
    return variables;
  }

  @Override
  public EnvironmentEffects effects(Path target) throws IOException {
    SequencedMap<String, String> variables = activated(target, "");
    variables.remove("PATH");
    variables.putAll(ofScripts(target.resolve("conda-meta")));
    variables.putAll(ofDefinition(target.resolve("conda-meta/state")));
    return new EnvironmentEffects(
        List.of(target.resolve("bin")), variables, Set.of("PYTHONHOME"), List.of());
  }

  /** Returns the lines that the scripts have added to the variables; none spans several lines. */
  private static Map<String, String> ofScripts(Path folder) throws IOException {
    Map<String, String> added = new LinkedHashMap<>();
    Path after = folder.resolve("grain.after");
    if (Files.isRegularFile(after)) {
      Set<String> before = Set.copyOf(Files.readAllLines(folder.resolve("grain.before")));
      for (String line : Files.readAllLines(after)) {
        int equals = line.indexOf('=');
        String name = line.substring(0, Math.max(0, equals));
        if (!before.contains(line) && name.matches("[A-Za-z_][A-Za-z_0-9]*") && !isOfShell(name)) {
          added.put(name, line.substring(equals + 1));
        }
      }
    }
    return added;
  }

  private static boolean isOfShell(String name) {
    return Set.of("PATH", "_", "SHLVL", "PWD", "OLDPWD").contains(name);
  }

  /** Returns the variables that the definition sets. */
  private static Map<String, String> ofDefinition(Path state) throws IOException {
    Map<String, String> variables = new LinkedHashMap<>();
    if (Files.isRegularFile(state)) {
      try {
        JsonNode read = JSON.readTree(Files.readAllBytes(state)).path("env_vars");
        read.properties().forEach(each -> variables.put(each.getKey(), each.getValue().asString()));
      } catch (JacksonException e) {
        throw new IOException(state + " is no JSON", e);
      }
    }
    return variables;
  }
}
