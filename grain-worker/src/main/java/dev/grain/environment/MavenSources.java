package dev.grain.environment;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.apache.maven.model.Build;
import org.apache.maven.model.Model;
import org.apache.maven.model.Resource;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;

/** The folders with the sources and resources of a project of Maven, as its poms name them. */
final class MavenSources {
  private static final List<String> USUAL = List.of("src/main/java", "src/main/resources");

  private MavenSources() {}

  /**
   * Returns the folders that exist.
   *
   * @param pom the pom of the project; absolute
   * @param poms that and its parents
   */
  static List<Path> of(Path pom, Collection<Bytes> poms) {
    SequencedSet<String> names = new LinkedHashSet<>(USUAL);
    poms.forEach(each -> addNamed(each, names));
    Path project = FileTree.parent(pom);
    List<Path> folders = new ArrayList<>();
    for (String each : names) {
      try {
        Path folder =
            project.resolve(each.replaceFirst("^\\$\\{(project\\.)?basedir}/", "")).normalize();
        if (Files.isDirectory(folder) && !folder.equals(project)) {
          folders.add(folder);
        }
      } catch (InvalidPathException e) {
        // it is no folder here
      }
    }
    return folders;
  }

  private static void addNamed(Bytes pom, SequencedSet<String> names) {
    try (InputStream in = pom.stream()) {
      Model model = new MavenXpp3Reader().read(in);
      Build build = model.getBuild();
      if (build != null) {
        if (build.getSourceDirectory() != null) {
          names.add(build.getSourceDirectory());
        }
        build.getResources().stream().map(Resource::getDirectory).forEach(names::add);
      }
    } catch (IOException | XmlPullParserException e) {
      // whoever resolves it says so
    }
  }
}
