package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import dev.grain.worker.cache.ContentCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The classes of a project of Maven, and the jars that it needs to run. What is downloaded goes
 * into a repository in the cache, which all such environments share, and from there into the
 * environment.
 */
final class MavenBuilder implements Builder {
  private static final String REPOSITORY = "the repository of Maven";

  /** Has the names of the jars, in the order of the class path. */
  private static final String ORDER = "classpath";

  private static final String JARS = "lib";
  private static final String CLASSES = "classes";

  private final Machine machine;
  private final ContentCache cache;

  MavenBuilder(Machine machine, ContentCache cache) {
    this.machine = machine;
    this.cache = cache;
  }

  /** A profile of the pom may depend on the Java version, and so does the compiler. */
  @Override
  public List<String> identity() throws PreparationException {
    return List.of(System.getProperty("java.version"), MavenSettings.content(machine));
  }

  @Override
  public void make(Build build) throws PreparationException, InterruptedException {
    cache.update(
        REPOSITORY,
        repository -> {
          MavenProject project = new MavenResolution(build, machine, repository).run();
          keep(project.toRun(), build.target(), repository);
          new MavenCompilation(build, project, build.target().resolve(CLASSES)).run();
        });
  }

  private static void keep(List<Path> jars, Path target, Path repository) throws IOException {
    Path folder = Files.createDirectories(target.resolve(JARS));
    List<String> names = new ArrayList<>();
    for (Path jar : jars) {
      String name = jar.getFileName().toString();
      // jars of different groups may have the same name
      name = names.contains(name) ? names.size() + "-" + name : name;
      names.add(name);
      link(jar, folder.resolve(name), jar.startsWith(repository));
    }
    Files.write(target.resolve(ORDER), names);
  }

  /** Files of the user's own repository are copied, as somebody may change them there. */
  private static void link(Path jar, Path name, boolean own) throws IOException {
    if (own) {
      try {
        Files.deleteIfExists(name);
        Files.createLink(name, jar);
        return;
      } catch (IOException | UnsupportedOperationException e) {
        // this file system has no links
      }
    }
    Files.copy(jar, name, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public EnvironmentEffects effects(Path target) throws IOException {
    List<Path> classPath = new ArrayList<>();
    if (Files.isDirectory(target.resolve(CLASSES))) {
      classPath.add(target.resolve(CLASSES));
    }
    for (String name : Files.readAllLines(target.resolve(ORDER))) {
      classPath.add(target.resolve(JARS).resolve(name));
    }
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    variables.put(
        "CLASSPATH",
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    return new EnvironmentEffects(List.of(), variables, Set.of(), classPath);
  }
}
