package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.model.Plugin;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the sources of a project of Maven as its compiler plugin would, with the compiler of
 * this Java in a process of its own, so that it takes no memory of the worker. No other plugin is
 * run.
 */
final class MavenCompilation {
  static final String COMPILER = "org.apache.maven.plugins:maven-compiler-plugin";

  private static final String SOURCE = ".java";

  /** On a class path there are no modules. */
  private static final String MODULE = "module-info.java";

  /** What an argument of the compiler may change in the classes; others check them. */
  private static final Pattern EFFECTIVE =
      Pattern.compile("-A.+|-g(:.+)?|-parameters|-proc:.+|--enable-preview|-implicit:.+");

  private static final Pattern EFFECTIVE_WITH_VALUE =
      Pattern.compile("--add-(exports|modules|reads)|-processor");

  private final Build build;
  private final MavenProject project;
  private final Path classes;

  /**
   * Makes one.
   *
   * @param classes where the classes go
   */
  MavenCompilation(Build build, MavenProject project, Path classes) {
    this.build = build;
    this.project = project;
    this.classes = classes;
  }

  void run() throws PreparationException, IOException, InterruptedException {
    org.apache.maven.model.Build paths = project.model().getBuild();
    Path folder = Path.of(paths.getSourceDirectory());
    List<Path> sources = sources(folder);
    if (!sources.isEmpty()) {
      compile(sources);
    }
    new MavenResources(project.model(), classes).copy();
  }

  private static List<Path> sources(Path folder) throws IOException {
    List<Path> sources = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      for (Path each : FileTree.list(folder)) {
        String name = String.valueOf(each.getFileName());
        if (name.endsWith(SOURCE) && !name.equals(MODULE) && Files.isRegularFile(each)) {
          sources.add(each);
        }
      }
    }
    return sources;
  }

  private void compile(List<Path> sources)
      throws PreparationException, IOException, InterruptedException {
    Path compiler = Path.of(System.getProperty("java.home"), "bin", "javac");
    if (!Files.isExecutable(compiler)) {
      throw PreparationException.here(
          "The project of %s has sources, but the Java of this worker has no compiler (%s). Start the worker with a JDK."
              .formatted(build.setting().path(), compiler));
    }
    Files.createDirectories(classes);
    List<String> words = new ArrayList<>(List.of("-d", classes.toString(), "-nowarn"));
    words.addAll(List.of("-encoding", encoding(), "-cp", joined(project.toCompile())));
    // all sources are named, and there is no other one
    words.addAll(List.of("-sourcepath", classes.toString()));
    words.addAll(release());
    words.addAll(processing());
    words.addAll(arguments());
    sources.forEach(each -> words.add(each.toString()));
    Path file = Files.writeString(classes.resolveSibling("javac"), quoted(words));
    build.run(
        "compiling " + build.setting().path(),
        List.of(compiler.toString(), "@" + file),
        Map.of("JDK_JAVAC_OPTIONS", ""));
    Files.delete(file);
  }

  private static String joined(List<Path> jars) {
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Returns words as the compiler reads them from a file. */
  private static String quoted(List<String> words) {
    return words.stream()
        .map(each -> "\"" + each.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
        .collect(Collectors.joining());
  }

  private String encoding() {
    String encoding = setting("encoding", "project.build.sourceEncoding");
    return encoding == null ? "UTF-8" : encoding;
  }

  /** Returns for which Java it is compiled; that of the worker if the project does not care. */
  private List<String> release() {
    String release = setting("release", "maven.compiler.release");
    if (release != null) {
      return List.of("--release", release);
    }
    List<String> words = new ArrayList<>();
    String source = setting("source", "maven.compiler.source");
    String target = setting("target", "maven.compiler.target");
    if (source != null) {
      words.addAll(List.of("-source", source));
    }
    if (target != null) {
      words.addAll(List.of("-target", target));
    }
    return words;
  }

  private List<String> processing() {
    List<String> words = new ArrayList<>();
    String processing = setting("proc", "maven.compiler.proc");
    if (processing != null) {
      words.add("-proc:" + processing);
    }
    if (!project.processors().isEmpty()) {
      words.addAll(List.of("-processorpath", joined(project.processors())));
    }
    if ("true".equals(setting("parameters", "maven.compiler.parameters"))) {
      words.add("-parameters");
    }
    if ("true".equals(setting("enablePreview", "maven.compiler.enablePreview"))) {
      words.add("--enable-preview");
    }
    return words;
  }

  private List<String> arguments() {
    List<String> words = new ArrayList<>();
    Xpp3Dom configuration = configuration();
    Xpp3Dom listed = configuration == null ? null : configuration.getChild("compilerArgs");
    List<String> given = new ArrayList<>();
    if (listed != null) {
      for (Xpp3Dom each : listed.getChildren()) {
        given.add(String.valueOf(each.getValue()).strip());
      }
    }
    for (int i = 0; i < given.size(); i++) {
      if (EFFECTIVE.matcher(given.get(i)).matches()) {
        words.add(given.get(i));
      } else if (EFFECTIVE_WITH_VALUE.matcher(given.get(i)).matches() && i + 1 < given.size()) {
        words.add(given.get(i));
        words.add(given.get(i + 1));
        i++;
      }
    }
    return words;
  }

  /** Returns what the plugin is set to, by its configuration or a property; null for nothing. */
  private @Nullable String setting(String name, String property) {
    Xpp3Dom configuration = configuration();
    Xpp3Dom configured = configuration == null ? null : configuration.getChild(name);
    Properties properties = project.model().getProperties();
    String value = configured == null ? null : configured.getValue();
    value = value == null || value.isBlank() ? properties.getProperty(property) : value;
    return value == null || value.isBlank() ? null : value.strip();
  }

  private @Nullable Xpp3Dom configuration() {
    return configuration(project.model(), COMPILER);
  }

  /** Returns the configuration of a plugin in an effective pom; null for none. */
  static @Nullable Xpp3Dom configuration(org.apache.maven.model.Model model, String plugin) {
    Plugin found = model.getBuild().getPluginsAsMap().get(plugin);
    if (found == null && model.getBuild().getPluginManagement() != null) {
      found = model.getBuild().getPluginManagement().getPluginsAsMap().get(plugin);
    }
    return found == null ? null : (Xpp3Dom) found.getConfiguration();
  }
}
